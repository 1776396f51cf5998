// The graph as two tables, for those who do not see it and for copying. Made when asked for.
(() => {
  const { $, data, into, out, make, link, signed, titleOf } = page;
  const ROWS = 1000;
  const place = $("tables");
  const sheet = (caption, heads, rows) => {
    const cells = heads.map(text => { const cell = make("th", "", text); cell.scope = "col"; return cell; });
    return make("table", "", make("caption", "", caption), make("thead", "", make("tr", "", ...cells)), make("tbody", "", ...rows));
  };
  const row = (...cells) => make("tr", "", ...cells.map(cell => make("td", "", cell)));
  const heaviest = (edges, other) => edges.length
    ? make("span", "", data.groups[data.edges[edges[0]][other]].name + " ", signed(data.edges[edges[0]][2])) : "\u2013";
  const build = () => {
    const passing = page.passing();
    const shown = passing.slice(0, ROWS);
    place.replaceChildren(
      sheet(`${data.groups.length} neuron groups`, ["neuron group", "neurons", "patches", "heaviest input", "heaviest output"],
        data.groups.map((group, g) => row(link(titleOf(g), group.name), String(new Set(group.members.map(([node]) => node)).size),
          String(group.patches), heaviest(into[g], 0), heaviest(out[g], 1)))),
      sheet(`${passing.length} edges that the filter lets through, of ${data.edges.length}` + (shown.length < passing.length ? `; the heaviest ${ROWS}` : ""), ["from", "to", "weight W", "edges"],
        shown.map(e => row(data.groups[data.edges[e][0]].name, data.groups[data.edges[e][1]].name, signed(data.edges[e][2]), link(String(data.edges[e][3]), "edge:" + e)))));
    for (const open of place.querySelectorAll("td:last-child .link")) open.setAttribute("aria-label", "open this edge, a sum of " + open.textContent);
  };
  page.refreshTable = () => { if (!place.hidden) build(); };
  const stage = page.view.parentElement;
  const toggle = $("table");
  toggle.addEventListener("click", () => {
    place.hidden = !place.hidden;
    stage.hidden = page.view.hidden = !place.hidden;
    toggle.setAttribute("aria-pressed", String(!place.hidden));
    page.overviewLater();
    page.refreshTable();
  });
})();
