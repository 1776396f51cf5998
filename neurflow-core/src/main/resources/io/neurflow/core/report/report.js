"use strict";
(() => {
  const $ = id => document.getElementById(id);
  const data = JSON.parse($("data").textContent);
  const cards = data.groups.map((group, i) => $("g" + i));
  const lines = [...document.querySelectorAll(".edge")];
  const panel = $("panel");
  const sheet = $("sheet");
  const byName = new Map(data.groups.map((group, i) => [group.name, i]));
  const groupsOf = new Map();
  data.groups.forEach((group, g) => group.members.forEach(([node]) => {
    const name = data.nodes[node].name;
    if (!groupsOf.has(name)) groupsOf.set(name, new Set());
    groupsOf.get(name).add(g);
  }));
  const heaviest = Math.max(...data.edges.map(edge => Math.abs(edge[2])), 1e-12);

  const number = value => {
    const size = Math.abs(value);
    const text = size !== 0 && (size < 1e-3 || size >= 1e5) ? size.toExponential(2) : size < 100 ? size.toFixed(3) : size.toFixed(0);
    return (value < 0 ? "\u2212" : "+") + text;
  };
  const count = (n, word) => n + " " + word + (n === 1 ? "" : "s");

  const make = (tag, className, ...children) => {
    const element = document.createElement(tag);
    if (className) element.className = className;
    element.append(...children);
    return element;
  };
  const signed = value => make("b", value < 0 ? "minus" : "plus", number(value));
  const drawing = (tag, attributes, text) => {
    const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    if (text !== undefined) element.textContent = text;
    return element;
  };
  const thumbs = pictures => make("div", "thumbs", ...pictures.map(patch => {
    const picture = make("i", "t p" + patch);
    picture.setAttribute("role", "img");
    picture.setAttribute("aria-label", data.patches[patch]);
    picture.title = data.patches[patch];
    return picture;
  }));
  const link = (text, target, ...more) => {
    const button = make("button", "link", text, ...more);
    button.type = "button";
    if (target === undefined) button.disabled = true;
    else button.addEventListener("click", () => { location.hash = encodeURIComponent(target); });
    return button;
  };

  const curve = (points, small) => {
    const [width, height] = small ? [200, 60] : [400, 110];
    const [left, right, top, bottom] = [34, 8, 8, 16];
    const svg = drawing("svg", { viewBox: `0 0 ${width} ${height}`, class: small ? "curve small" : "curve", role: "img" });
    const xs = points.map(point => point[0]);
    const low = Math.min(0, ...points.map(point => point[1]));
    const high = Math.max(...points.map(point => point[1]), low + 1e-9);
    const x = value => left + (width - left - right) * (xs.length < 2 ? .5 : (value - xs[0]) / (xs[xs.length - 1] - xs[0]));
    const y = value => height - bottom - (height - top - bottom) * (value - low) / (high - low);
    const best = points.reduce((a, b) => b[1] > a[1] ? b : a);
    svg.setAttribute("aria-label", `largest mean silhouette ${best[1].toFixed(3)} with ${count(best[0], "group")}`);
    svg.append(drawing("line", { class: "axis", x1: left, x2: width - right, y1: y(0), y2: y(0) }));
    svg.append(drawing("text", { x: left - 4, y: y(high) + 4, "text-anchor": "end" }, high.toFixed(2)));
    svg.append(drawing("text", { x: left - 4, y: y(0) + 3, "text-anchor": "end" }, "0"));
    svg.append(drawing("path", { d: "M" + points.map(point => `${x(point[0]).toFixed(1)},${y(point[1]).toFixed(1)}`).join("L") }));
    for (const point of points) {
      svg.append(drawing("circle", { cx: x(point[0]), cy: y(point[1]), r: point === best ? 3.5 : 2, class: point === best ? "best" : "" }));
    }
    for (const value of new Set([xs[0], best[0], xs[xs.length - 1]])) {
      svg.append(drawing("text", { x: x(value), y: height - 3, "text-anchor": "middle" }, value));
    }
    return svg;
  };

  const table = (heading, edges, other) => {
    if (!edges.length) return [];
    const head = make("tr", "", make("th", "", "neuron group"), make("th", "n", "weight W"), make("th", "n", "edges"));
    const rows = edges.map(e => {
      const edge = data.edges[e];
      const name = data.groups[edge[other]].name;
      const show = link("\u2192", "edge:" + e);
      show.setAttribute("aria-label", "show the edge to " + name);
      return make("tr", "", make("td", "", link(name, name)), make("td", "n", signed(edge[2])), make("td", "n", String(edge[3]) + " ", show));
    });
    return [make("h3", "", heading), make("table", "", make("thead", "", head), make("tbody", "", ...rows))];
  };

  const neuron = (n, own) => {
    const node = data.nodes[n];
    const box = make("section", "neuron", make("h4", "", node.name));
    node.groups.forEach(([size, pictures], j) => {
      const here = own.has(n + "/" + j);
      const label = make("p", "note", `semantic group ${j} \u00b7 ${count(size, "patch").replace("patchs", "patches")}` + (here ? " \u00b7 in this neuron group" : ""));
      box.append(make("div", here ? "part here" : "part", label, thumbs(pictures)));
    });
    if (node.core.length) {
      box.append(make("p", "note", "core concept neurons, importance score T:"));
      box.append(make("div", "tags", ...node.core.map(([name, score]) => {
        const groups = groupsOf.get(name);
        return link(name + " ", groups && data.groups[[...groups][0]].name, signed(score));
      })));
      box.append(make("p", "note", `completeness residual at most ${node.residual.toExponential(1)} of a change of ${node.change.toExponential(1)}, with at most ${node.steps} integration steps`));
    }
    if (node.silhouettes.length) {
      const fold = make("details", "", make("summary", "", "silhouette by number of semantic groups"));
      fold.append(curve(node.silhouettes, true));
      box.append(fold);
    }
    return box;
  };

  const fill = (title, ...content) => {
    const heading = make("h2", "", title);
    heading.tabIndex = -1;
    const close = make("button", "close", "Close");
    close.type = "button";
    close.addEventListener("click", shut);
    sheet.replaceChildren(make("div", "sheet-head", heading, close), ...content);
    sheet.scrollTop = 0;
    panel.hidden = false;
    heading.focus({ preventScroll: true });
  };

  const mark = (groups, edges) => {
    const open = groups.size > 0;
    const near = new Set(groups);
    for (const e of edges) near.add(data.edges[e][0]).add(data.edges[e][1]);
    cards.forEach((card, i) => {
      card.classList.toggle("open", groups.has(i));
      card.classList.toggle("far", open && !near.has(i));
    });
    lines.forEach(line => {
      const e = Number(line.dataset.edge);
      line.classList.toggle("near", edges.has(e));
      line.classList.toggle("far", open && !edges.has(e));
    });
  };

  const heavyFirst = (a, b) => Math.abs(data.edges[b][2]) - Math.abs(data.edges[a][2]);

  const openGroup = g => {
    const group = data.groups[g];
    const own = new Set(group.members.map(([node, j]) => node + "/" + j));
    const nodes = [...new Set(group.members.map(([node]) => node))];
    const indices = data.edges.map((edge, e) => e);
    const into = indices.filter(e => data.edges[e][1] === g).sort(heavyFirst);
    const out = indices.filter(e => data.edges[e][0] === g).sort(heavyFirst);
    const layer = data.layers[group.layer];
    fill(group.title,
      make("p", "note", `${count(nodes.length, "neuron")} \u00b7 ${count(group.members.length, "semantic group")} \u00b7 ${group.patches} distinct patches`),
      thumbs(group.pictures),
      ...table("Goes up to", out, 1),
      ...table("Comes from", into, 0),
      make("h3", "", "Neurons, nearest to the centre first"),
      ...nodes.map(n => neuron(n, own)),
      ...(layer.silhouettes.length ? [make("h3", "", `Silhouette by number of neuron groups in ${layer.name}`), curve(layer.silhouettes, false)] : []));
    mark(new Set([g]), new Set([...into, ...out].filter(e => passes(e))));
    requestAnimationFrame(() => { scale(); cards[g].scrollIntoView({ block: "nearest", inline: "nearest" }); });
  };

  const openEdge = e => {
    const [child, parent, weight, edges] = data.edges[e];
    const [from, to] = [data.groups[child], data.groups[parent]];
    fill(`${from.name} \u2192 ${to.name}`,
      make("p", "", "weight W = ", signed(weight), `, the sum of ${count(edges, "edge")} between neurons and semantic groups`),
      make("h3", "", "Child"), link(from.name, from.name), thumbs(from.pictures),
      make("h3", "", "Parent"), link(to.name, to.name), thumbs(to.pictures));
    mark(new Set([child, parent]), new Set([e]));
  };

  function shut() {
    const open = document.querySelector(".card.open");
    panel.hidden = true;
    mark(new Set(), new Set());
    if (location.hash) history.replaceState(null, "", location.pathname + location.search);
    if (open) open.focus();
  }

  function follow() {
    let target = location.hash.slice(1);
    try { target = decodeURIComponent(target); } catch { /* taken as it stands */ }
    const edge = /^edge:(\d+)$/.exec(target);
    if (byName.has(target)) openGroup(byName.get(target));
    else if (edge && data.edges[edge[1]]) openEdge(Number(edge[1]));
    else if (!panel.hidden) shut();
  }

  const slider = $("threshold");
  const sign = $("sign");
  const threshold = () => heaviest * (slider.value / slider.max) ** 2;
  const keep = $("keep");
  const heaviestFrom = new Map();
  data.edges.forEach(([child, , weight], e) => {
    const other = heaviestFrom.get(child);
    if (other === undefined || Math.abs(weight) > Math.abs(data.edges[other][2])) heaviestFrom.set(child, e);
  });
  function passes(e) {
    const [child, , weight] = data.edges[e];
    return (Math.abs(weight) >= threshold() || (keep.checked && heaviestFrom.get(child) === e)) && (sign.value === "all" || (sign.value === "plus") === (weight >= 0));
  }
  function filter() {
    let shown = 0;
    lines.forEach(line => {
      const visible = passes(Number(line.dataset.edge));
      line.classList.toggle("weak", !visible);
      line.classList.remove("near");
      shown += visible;
    });
    $("least").textContent = threshold().toPrecision(2);
    slider.setAttribute("aria-valuetext", threshold().toPrecision(2));
    $("shown").textContent = `${shown} of ${count(data.edges.length, "edge")} shown`;
    if (!panel.hidden) {
      const edges = new Set(data.edges.map((edge, e) => e).filter(e => passes(e)));
      const open = new Set(cards.map((card, i) => i).filter(i => cards[i].classList.contains("open")));
      mark(open, new Set([...edges].filter(e => open.has(data.edges[e][0]) || open.has(data.edges[e][1]))));
    }
  }

  const search = $("search");
  const matches = () => {
    const text = search.value.trim().toLowerCase();
    if (!text) return [];
    return data.groups.map((group, g) => g).filter(g => {
      const group = data.groups[g];
      return group.name.toLowerCase().includes(text)
        || group.members.some(([node]) => {
          const name = data.nodes[node].name.toLowerCase();
          return text.includes("#") ? name.endsWith(text) || name.startsWith(text) : name.includes(text);
        });
    });
  };
  function find() {
    const hits = new Set(matches());
    cards.forEach((card, g) => card.classList.toggle("hit", hits.has(g)));
    $("found").textContent = search.value.trim() ? count(hits.size, "group") + " found" : "";
    return [...hits];
  }

  const zoom = $("zoom");
  const map = $("map");
  function scale() {
    const room = map.parentElement.clientWidth - 24;
    const fit = Math.min(1, room / data.width);
    map.style.zoom = zoom.value === "fit" ? fit : zoom.value === "auto" ? Math.max(fit, .85) : Number(zoom.value);
  }

  cards.forEach((card, g) => card.addEventListener("click", () => {
    const hash = "#" + encodeURIComponent(data.groups[g].name);
    if (location.hash === hash) follow(); else location.hash = hash;
  }));
  lines.forEach(line => line.addEventListener("click", () => { location.hash = "edge:" + line.dataset.edge; }));
  slider.addEventListener("input", filter);
  sign.addEventListener("change", filter);
  keep.addEventListener("change", filter);
  search.addEventListener("input", find);
  search.addEventListener("keydown", event => {
    const hits = event.key === "Enter" ? find() : [];
    if (hits.length) location.hash = encodeURIComponent(data.groups[hits[0]].name);
  });
  zoom.addEventListener("change", scale);
  new ResizeObserver(() => requestAnimationFrame(scale)).observe(map.parentElement);
  document.addEventListener("keydown", event => { if (event.key === "Escape" && !panel.hidden) shut(); });
  window.addEventListener("hashchange", follow);
  $("tools").hidden = false;
  scale();
  map.parentElement.scrollLeft = (map.parentElement.scrollWidth - map.parentElement.clientWidth) / 2;
  filter();
  follow();
})();
