// Two ways through the whole circuit: from an image up to the class, and from a group down to what it forms from.
(() => {
  const { $, data, into, out, count, make, link, signed, titleOf, byName } = page;
  const INPUTS = 2;
  const STRONGEST = 3;
  const ROOT = data.groups.findIndex(group => group.layer === 0);

  const layers = (groups, more) => data.layers.flatMap((layer, row) => {
    const here = [...groups].filter(g => data.groups[g].layer === row);
    return here.length ? [make("h3", "", layer.name), ...here.map(more)] : [];
  });

  const picturesOf = (g, image) => {
    const members = data.groups[g].members.flatMap(([node, j]) => data.nodes[node].groups[j][1]);
    return [...new Set([...data.groups[g].pictures, ...members])].filter(p => data.patches[p][0] === image).slice(0, 4);
  };

  /**
   * Fig. 7: in each layer the groups that an image is in most, as a share of their patches, and the edges between those of
   * layers that meet.
   */
  page.openImage = image => {
    const patches = new Map();
    data.groups.forEach((group, g) => group.images.forEach(([from, found]) => {
      if (from === image) patches.set(g, found);
    }));
    const share = g => patches.get(g) / data.groups[g].patches;
    const perLayer = data.layers.map((layer, row) =>
      [...patches.keys()].filter(g => data.groups[g].layer === row).sort((a, b) => share(b) - share(a)));
    const groups = new Set([ROOT, ...perLayer.flatMap(row => row.slice(0, STRONGEST))]);
    const edges = new Set([...groups].flatMap(g => out[g].filter(e => groups.has(data.edges[e][1]))));
    const [name, side] = data.images[image];
    const picture = make("div", "whole s" + image);
    picture.setAttribute("role", "img");
    picture.setAttribute("aria-label", name);
    page.fill("Image " + name,
      ...(side ? [picture] : []),
      make("p", "note", `From the class down: of each layer the ${STRONGEST} groups with the largest share of patches of this image. It has patches in ${count(patches.size, "group")} of ${data.groups.length}.`),
      ...layers(groups, g => {
        const up = out[g].find(e => groups.has(data.edges[e][1]));
        return make("div", "part", link(titleOf(g), data.groups[g].name),
          make("p", "note", patches.has(g) ? `${patches.get(g)} of ${count(data.groups[g].patches, "patch")} (${(100 * share(g)).toFixed(1)} %)` : "the class; no patch of this image is among its strongest",
            ...(up === undefined ? [] : [", up to " + data.groups[data.edges[up][1]].name + " ", signed(data.edges[up][2])])),
          page.thumbs(picturesOf(g, image)));
      }));
    page.mark(groups, edges);
    page.reveal(ROOT);
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
      ...page.formation(g),
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
