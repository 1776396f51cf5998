// The edges: only the heaviest that the filter lets through are drawn, and those that a trace or an open group marks.
(() => {
  const { $, data, cards, into, out, heaviest, count, drawing, go, number } = page;
  const MOST = 1500;
  const svg = $("edges");
  const byWeight = data.edges.map((edge, e) => e).sort((a, b) => Math.abs(data.edges[b][2]) - Math.abs(data.edges[a][2]));
  const lines = new Map();
  const middle = data.cardWidth / 2;

  const width = e => Math.round(10 + 70 * Math.abs(data.edges[e][2]) / heaviest) / 10;
  const made = e => {
    const [child, parent, weight] = data.edges[e];
    const [from, to] = [data.groups[child], data.groups[parent]];
    const [x1, y1, x2, y2] = [from.x + middle, from.y, to.x + middle, to.y + data.cardHeight];
    const bend = (y1 - y2) / 2;
    const d = `M${x1},${y1}C${x1},${y1 - bend} ${x2},${y2 + bend} ${x2},${y2}`;
    const line = drawing("g", { class: "edge " + (weight < 0 ? "minus" : "plus"), "data-edge": e });
    line.append(drawing("title", {}, `${from.name} \u2192 ${to.name}, W ${number(weight)}`),
      drawing("path", { class: "hit", d }),
      drawing("path", { class: "line", d, "stroke-width": width(e) }));
    return line;
  };
  svg.addEventListener("click", event => {
    const line = event.target.closest(".edge");
    if (line) go("edge:" + line.dataset.edge);
  });

  const slider = $("threshold");
  const sign = $("sign");
  const keep = $("keep");
  const threshold = () => heaviest * (slider.value / slider.max) ** 2;
  page.passes = e => {
    const [child, , weight] = data.edges[e];
    return (Math.abs(weight) >= threshold() || (keep.checked && out[child][0] === e))
      && (sign.value === "all" || (sign.value === "plus") === (weight >= 0));
  };
  /** Heaviest first. */
  page.passing = () => byWeight.filter(page.passes);

  let unmarked = new Set();
  let marked = new Set();
  let some = false;
  const draw = () => {
    const wanted = new Set([...unmarked, ...marked]);
    for (const [e, line] of lines) if (!wanted.has(e)) { line.remove(); lines.delete(e); }
    const fresh = document.createDocumentFragment();
    for (const e of wanted) {
      if (!lines.has(e)) { lines.set(e, made(e)); fresh.append(lines.get(e)); }
    }
    svg.append(fresh);
    for (const [e, line] of lines) {
      const near = marked.has(e);
      if (line.classList.toggle("near", near) !== line.wide) {
        line.wide = near;
        line.lastChild.setAttribute("stroke-width", width(e) + (near ? 1 : 0));
      }
      line.classList.toggle("far", some && !marked.has(e));
    }
  };

  /** Opens these groups, shows these edges whatever the filter says, and lets all else step back. */
  page.mark = (groups, edges) => {
    some = groups.size > 0;
    marked = new Set(byWeight.filter(e => edges.has(e)).slice(0, MOST));
    const near = new Set(groups);
    for (const e of marked) near.add(data.edges[e][0]).add(data.edges[e][1]);
    cards.forEach((card, g) => {
      card.classList.toggle("open", groups.has(g));
      card.classList.toggle("far", some && !near.has(g));
      if (groups.has(g)) card.setAttribute("aria-current", "true"); else card.removeAttribute("aria-current");
    });
    draw();
    page.overviewLater();
  };

  page.filter = () => {
    const passing = page.passing();
    unmarked = new Set(passing.slice(0, MOST));
    draw();
    const text = threshold().toPrecision(2);
    $("least").textContent = text;
    slider.setAttribute("aria-valuetext", text);
    const all = `${passing.length} of ${count(data.edges.length, "edge")}`;
    $("shown").textContent = passing.length > MOST ? `${all}, the heaviest ${MOST} drawn` : all;
    page.refreshTable();
  };
  /** What an open group shows: what the filter lets through, and in any case its heaviest edges each way. */
  page.around = g => new Set([into[g], out[g]].flatMap(edges => edges.filter((e, rank) => rank < 5 || page.passes(e))));

  let asked = 0;
  slider.addEventListener("input", () => {
    cancelAnimationFrame(asked);
    asked = requestAnimationFrame(page.filter);
  });
  sign.addEventListener("change", page.filter);
  keep.addEventListener("change", page.filter);
})();
