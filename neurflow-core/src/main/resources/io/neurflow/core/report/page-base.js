"use strict";
// What all parts of the page share: the data, and how elements are made. Each file is a function of `page`.
const page = {};
(() => {
  const $ = id => document.getElementById(id);
  const data = JSON.parse($("data").textContent);
  const cards = data.groups.map((group, i) => $("g" + i));
  const byName = new Map(data.groups.map((group, i) => [group.name, i]));
  const groupsOf = new Map();
  data.groups.forEach((group, g) => group.members.forEach(([node]) => {
    if (!groupsOf.has(node)) groupsOf.set(node, new Set());
    groupsOf.get(node).add(g);
  }));
  const heaviest = data.edges.reduce((most, edge) => Math.max(most, Math.abs(edge[2])), 1e-12);
  const into = data.groups.map(() => []);
  const out = data.groups.map(() => []);
  const heavyFirst = (a, b) => Math.abs(data.edges[b][2]) - Math.abs(data.edges[a][2]);
  data.edges.forEach(([child, parent], e) => { into[parent].push(e); out[child].push(e); });
  into.concat(out).forEach(edges => edges.sort(heavyFirst));

  const number = value => {
    const size = Math.abs(value);
    const text = size !== 0 && (size < 1e-3 || size >= 1e5) ? size.toExponential(2) : size < 100 ? size.toFixed(3) : size.toFixed(0);
    return (value < 0 ? "\u2212" : "+") + text;
  };
  const count = (n, word) => n + " " + (n === 1 ? word : word === "patch" ? "patches" : word + "s");
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
  const button = (text, className, action) => {
    const made = make("button", className, text);
    made.type = "button";
    if (action) made.addEventListener("click", action); else made.disabled = true;
    return made;
  };
  const go = target => {
    const hash = "#" + encodeURIComponent(target);
    if (location.hash === hash) page.follow(); else location.hash = hash;
  };
  const link = (text, target, ...more) => {
    const made = button(text, "link", target === undefined ? undefined : () => go(target));
    made.append(...more);
    return made;
  };
  const titleOf = g => {
    const { name, label } = data.groups[g];
    return label ? `${name} \u201c${label.length > 60 ? label.slice(0, 59) + "\u2026" : label}\u201d` : name;
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

  Object.assign(page, { $, data, cards, byName, groupsOf, heaviest, into, out, number, count, make, signed, drawing, button, go, link, titleOf, curve });
})();
