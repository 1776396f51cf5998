// Two ways through the whole circuit: from an image up to the class, and from a group down to what it forms from.
(() => {
  const { $, data, into, count, make, link, signed, titleOf, byName } = page;
  const INPUTS = 2;

  const layers = (groups, more) => data.layers.flatMap((layer, row) => {
    const here = [...groups].filter(g => data.groups[g].layer === row);
    return here.length ? [make("h3", "", layer.name), ...here.map(more)] : [];
  });

  /** Fig. 7: in each layer the groups whose patches come from an image, and the shown edges between them. */
  page.openImage = image => {
    const share = new Map();
    data.groups.forEach((group, g) => group.images.forEach(([from, patches]) => {
      if (from === image) share.set(g, patches);
    }));
    const groups = new Set([...share.keys()].sort((a, b) => share.get(b) / data.groups[b].patches - share.get(a) / data.groups[a].patches));
    const edges = new Set(data.edges.map((edge, e) => e).filter(e => page.passes(e) && groups.has(data.edges[e][0]) && groups.has(data.edges[e][1])));
    const picture = make("div", "whole s" + image);
    picture.setAttribute("role", "img");
    picture.setAttribute("aria-label", data.images[image][0]);
    page.fill("Image " + data.images[image][0],
      ...(data.images[image][1] ? [picture] : []),
      make("p", "note", `Groups with patches of this image, from the class down: ${count(groups.size, "group")} of ${data.groups.length}.`),
      ...layers(groups, g => make("div", "part", link(titleOf(g), data.groups[g].name),
        make("span", "note", ` ${share.get(g)} of ${count(data.groups[g].patches, "patch")}`),
        page.thumbs(data.groups[g].pictures.filter(p => data.patches[p][0] === image)))));
    page.mark(groups, edges);
    $("image").value = String(image);
  };

  /** Fig. 8: the heaviest inputs of a group, their heaviest inputs, and so on. */
  page.openFormation = g => {
    const groups = new Set([g]);
    const edges = new Set();
    for (const parent of groups) {
      for (const e of into[parent].slice(0, INPUTS)) {
        edges.add(e);
        groups.add(data.edges[e][0]);
      }
    }
    page.fill(`How ${data.groups[g].name} forms`,
      make("p", "note", `The ${INPUTS} heaviest inputs by |W| of each group, layer by layer.`),
      ...layers(groups, h => make("div", "part", link(titleOf(h), data.groups[h].name),
        ...[...edges].filter(e => data.edges[e][0] === h).map(e => make("p", "note", "into " + data.groups[data.edges[e][1]].name + " ", signed(data.edges[e][2]))),
        page.thumbs(data.groups[h].pictures.slice(0, 5)))));
    page.mark(groups, edges);
    page.reveal(g);
  };

  const choice = $("image");
  data.images.forEach(([name], i) => {
    if (data.groups.some(group => group.images.some(([image]) => image === i))) choice.append(new Option(name, i));
  });
  choice.addEventListener("change", () => { if (choice.value === "") page.shut(); else page.go("image:" + choice.value); });
  page.follow = () => {
    let target = location.hash.slice(1);
    try { target = decodeURIComponent(target); } catch { /* taken as it stands */ }
    const numbered = /^(edge|image):(\d+)$/.exec(target);
    const form = target.startsWith("form:") ? byName.get(target.slice(5)) : undefined;
    if (!numbered || numbered[1] !== "image") choice.value = "";
    if (byName.has(target)) page.openGroup(byName.get(target));
    else if (form !== undefined) page.openFormation(form);
    else if (numbered && numbered[1] === "edge" && data.edges[numbered[2]]) page.openEdge(Number(numbered[2]));
    else if (numbered && numbered[1] === "image" && data.images[numbered[2]]) page.openImage(Number(numbered[2]));
    else if (!page.panel.hidden) page.shut();
  };
})();
