(() => {
  const { $ } = page;
  document.addEventListener("keydown", event => {
    if (event.key === "Escape" && !page.panel.hidden) { page.shut(); return; }
    if (event.ctrlKey || event.altKey || event.metaKey || event.target.closest("input, select, textarea")) return;
    const action = { "+": "zoom-in", "-": "zoom-out", "0": "zoom-fit", "1": "zoom-full", "t": "table" }[event.key];
    if (action) $(action).click();
    if (event.key === "/") { event.preventDefault(); $("search").focus(); }
  });
  window.addEventListener("hashchange", page.follow);
  window.addEventListener("resize", page.resized);
  $("tools").hidden = false;
  const above = new ResizeObserver(page.resized);
  above.observe($("tools"));
  above.observe(document.querySelector("header"));
  const narrow = matchMedia("(max-width: 700px)");
  const fold = () => document.querySelectorAll("details.fold").forEach(part => { part.open = !narrow.matches; });
  narrow.addEventListener("change", fold);
  fold();
  page.resized();
  page.startView();
  page.filter();
  page.follow();
})();
