// The panel beside the graph: a group, or an edge.
(() => {
  const { $, data, cards, groupsOf, into, out, count, make, signed, button, go, link, titleOf, curve } = page;
  const panel = $("panel");
  const sheet = $("sheet");

  const place = ([image, percent, top, left]) => `${data.images[image][0]}, ${percent} % window at row ${top}, column ${left}`;

  /** The source image of a patch with the patch's window drawn into it. */
  const source = patch => {
    const [image, , top, left, size] = data.patches[patch];
    const [, side] = data.images[image];
    const figure = make("figure", "source");
    if (side) {
      const picture = make("div", "whole s" + image);
      const box = make("div", "box");
      const share = value => (100 * value / side).toFixed(2) + "%";
      box.style.left = share(left);
      box.style.top = share(top);
      box.style.width = box.style.height = share(size);
      picture.setAttribute("role", "img");
      picture.setAttribute("aria-label", "source image with the patch's window: " + place(data.patches[patch]));
      picture.append(box);
      figure.append(picture);
    }
    figure.append(make("figcaption", "note", place(data.patches[patch]), " ", link("trace this image", "image:" + image)));
    return figure;
  };

  /** Patches as one stop of the Tab key; the arrow keys go from one to the next. A click shows the source image. */
  const thumbs = pictures => {
    const row = make("div", "thumbs");
    const shown = make("div", "sources");
    const all = pictures.map((patch, i) => {
      const picture = button("", "t p" + patch, () => {
        const open = picture.getAttribute("aria-expanded") === "true";
        all.forEach(other => other.setAttribute("aria-expanded", "false"));
        picture.setAttribute("aria-expanded", String(!open));
        shown.replaceChildren(...(open ? [] : [source(patch)]));
      });
      picture.setAttribute("aria-label", "patch: " + place(data.patches[patch]));
      picture.setAttribute("aria-expanded", "false");
      picture.title = place(data.patches[patch]);
      picture.tabIndex = i ? -1 : 0;
      return picture;
    });
    row.append(...all);
    row.addEventListener("keydown", event => {
      const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
      const next = step && all[all.indexOf(document.activeElement) + step];
      if (next) { event.preventDefault(); next.focus(); }
    });
    row.setAttribute("role", "group");
    row.setAttribute("aria-label", count(pictures.length, "patch"));
    return pictures.length ? make("div", "", row, shown) : make("div");
  };

  const table = (heading, edges, other) => {
    if (!edges.length) return [];
    const heads = [["neuron group", ""], ["weight W", "n"], ["edges", "n"]].map(([text, kind]) => {
      const cell = make("th", kind, text);
      cell.scope = "col";
      return cell;
    });
    const rows = edges.map(e => {
      const edge = data.edges[e];
      const show = link("\u2192", "edge:" + e);
      show.setAttribute("aria-label", "show the edge to " + data.groups[edge[other]].name);
      return make("tr", "", make("td", "", link(titleOf(edge[other]), data.groups[edge[other]].name)), make("td", "n", signed(edge[2])), make("td", "n", String(edge[3]) + " ", show));
    });
    return [make("h3", "", heading), make("table", "", make("thead", "", make("tr", "", ...heads)), make("tbody", "", ...rows))];
  };

  const neuron = (n, own) => {
    const node = data.nodes[n];
    const box = make("section", "neuron", make("h4", "", node.name));
    node.groups.forEach(([size, pictures], j) => {
      const here = own.has(n + "/" + j);
      const label = make("p", "note", `semantic group ${j} \u00b7 ${count(size, "patch")}` + (here ? " \u00b7 in this neuron group" : ""));
      box.append(make("div", here ? "part here" : "part", label, thumbs(pictures)));
    });
    if (node.core.length) {
      box.append(make("p", "note", "core concept neurons, importance score T:"));
      box.append(make("div", "tags", ...node.core.map(([source, score]) => {
        const groups = groupsOf.get(source);
        const name = typeof source === "number" ? data.nodes[source].name : source;
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
    sheet.replaceChildren(make("div", "sheet-head", heading, button("Close", "close", shut)), ...content);
    const was = panel.hidden;
    panel.hidden = false;
    panel.scrollTop = 0;
    heading.focus({ preventScroll: !matchMedia("(max-width: 900px)").matches });
    if (was) page.resized();
  };

  /** How a labeler says that the group forms. */
  const formation = g => (data.groups[g].formation || []).length
    ? [make("h3", "", "In the labeler's words"), make("ul", "", ...data.groups[g].formation.map(line => make("li", "", line)))] : [];

  const openGroup = g => {
    const group = data.groups[g];
    const own = new Set(group.members.map(([node, j]) => node + "/" + j));
    const nodes = [...new Set(group.members.map(([node]) => node))];
    const layer = data.layers[group.layer];
    const list = make("div", "", ...nodes.slice(0, 12).map(n => neuron(n, own)));
    if (nodes.length > 12) {
      const more = button(`Show ${nodes.length - 12} more neurons`, "link", () => {
        more.replaceWith(...nodes.slice(12).map(n => neuron(n, own)));
      });
      list.append(more);
    }
    fill(group.title,
      ...(group.label ? [make("p", "label", group.label)] : []),
      make("p", "note", `${count(nodes.length, "neuron")} \u00b7 ${count(group.members.length, "semantic group")} \u00b7 ${group.patches} distinct patches`),
      thumbs(group.pictures),
      page.note(group.name),
      ...(into[g].length ? [make("p", "tags", link("How it forms, layer by layer", "form:" + group.name))] : []),
      ...formation(g),
      ...table("Goes up to", out[g], 1),
      ...table("Comes from", into[g], 0),
      make("h3", "", "Neurons, nearest to the centre first"),
      list,
      ...(layer.silhouettes.length ? [make("h3", "", `Silhouette by number of neuron groups in ${layer.name}`), curve(layer.silhouettes, false)] : []));
    page.mark(new Set([g]), page.around(g));
    page.reveal(g);
  };

  const openEdge = e => {
    const [child, parent, weight, edges] = data.edges[e];
    const [from, to] = [data.groups[child], data.groups[parent]];
    fill(`${from.name} \u2192 ${to.name}`,
      make("p", "", "weight W = ", signed(weight), `, the sum of ${count(edges, "edge")} between neurons and semantic groups`),
      make("h3", "", "Child"), link(titleOf(child), from.name), thumbs(from.pictures),
      make("h3", "", "Parent"), link(titleOf(parent), to.name), thumbs(to.pictures));
    page.mark(new Set([child, parent]), new Set([e]));
    page.reveal(parent);
  };

  function shut() {
    const open = cards.findIndex(card => card.classList.contains("open"));
    panel.hidden = true;
    page.mark(new Set(), new Set());
    $("image").value = "";
    if (location.hash) history.replaceState(null, "", location.pathname + location.search);
    page.resized();
    if (open >= 0) page.focusCard(open);
  }
  Object.assign(page, { panel, thumbs, formation, fill, openGroup, openEdge, shut });
})();
