// Notes of the reader: kept in a file of their own, since a page from disk has nowhere to store them.
(() => {
  const { $, data, cards, byName, count, make } = page;
  const FORMAT = "neurflow-notes";
  const notes = new Map();
  let unsaved = false;
  const status = text => { $("noted").textContent = text; };
  const flag = name => {
    const g = byName.get(name);
    if (g !== undefined) cards[g].classList.toggle("noted", notes.has(name));
  };

  page.noteOf = name => notes.get(name) || "";
  page.note = name => {
    const field = make("textarea", "");
    field.rows = 2;
    field.placeholder = "what you see in this group";
    field.value = page.noteOf(name);
    field.addEventListener("input", () => {
      if (field.value.trim()) notes.set(name, field.value); else notes.delete(name);
      unsaved = true;
      flag(name);
      status(count(notes.size, "note") + ", not saved");
    });
    return make("label", "annotation", "Your note", field);
  };

  page.notesText = () => JSON.stringify({ format: FORMAT, version: 1, circuit: data.digest, title: data.title, notes: Object.fromEntries(notes) }, null, 1);
  page.readNotes = text => {
    let read;
    try { read = JSON.parse(text); } catch { read = null; }
    if (!read || read.format !== FORMAT || typeof read.notes !== "object" || !read.notes) {
      status("this is no file of notes; load one that 'Save notes' wrote");
      return;
    }
    const entries = Object.entries(read.notes).filter(([, note]) => typeof note === "string" && note.trim());
    const known = entries.filter(([name]) => byName.has(name));
    known.forEach(([name, note]) => { notes.set(name, note); flag(name); });
    const strange = entries.length - known.length;
    status(count(known.length, "note") + " loaded" + (strange ? `, ${strange} for groups that are not on this page` : "")
      + (read.circuit && read.circuit !== data.digest ? "; they were made for another circuit" : ""));
    if (!page.panel.hidden) page.follow();
  };
  $("save").addEventListener("click", () => {
    const anchor = make("a", "");
    anchor.href = URL.createObjectURL(new Blob([page.notesText()], { type: "application/json" }));
    anchor.download = "circuit-notes.json";
    anchor.click();
    setTimeout(() => URL.revokeObjectURL(anchor.href), 10_000);
    unsaved = false;
    status(count(notes.size, "note") + " saved");
  });
  $("load").addEventListener("click", () => $("file").click());
  $("file").addEventListener("change", async event => {
    const [file] = event.target.files;
    if (file) page.readNotes(await file.text());
    event.target.value = "";
  });
  window.addEventListener("beforeunload", event => { if (unsaved) event.preventDefault(); });
})();
