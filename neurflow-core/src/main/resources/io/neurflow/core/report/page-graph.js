// The graph: what is found; zoom, pan, and the walk by keyboard.
(() => {
  const { $, data, cards, into, out, count, go } = page;
  const map = $("map");
  const view = $("view");

  const search = $("search");
  const hits = () => {
    const text = search.value.trim().toLowerCase();
    if (!text) return [];
    return data.groups.map((group, g) => g).filter(g => {
      const group = data.groups[g];
      return [group.name, group.label || "", page.noteOf(group.name)].some(part => part.toLowerCase().includes(text))
        || group.members.some(([node]) => {
          const name = data.nodes[node].name.toLowerCase();
          return text.includes("#") ? name.endsWith(text) || name.startsWith(text) : name.includes(text);
        });
    });
  };
  let at = -1;
  const find = () => {
    const found = new Set(hits());
    at = -1;
    cards.forEach((card, g) => card.classList.toggle("hit", found.has(g)));
    $("found").textContent = search.value.trim() ? count(found.size, "group") + " found" : "";
    page.overviewLater();
  };
  search.addEventListener("input", find);
  search.addEventListener("keydown", event => {
    const found = event.key === "Enter" ? hits() : [];
    if (!found.length) return;
    at = (at + 1) % found.length;
    go(data.groups[found[at]].name);
    search.focus({ preventScroll: true });
  });

  page.view = view;
  let zoom = 1;
  let resting = 0;
  const least = Math.min(.1, 300 / data.width);
  const most = 3;
  const setZoom = (value, x = view.clientWidth / 2, y = view.clientHeight / 2) => {
    const next = Math.min(most, Math.max(least, value));
    const [left, top] = [(view.scrollLeft + x) / zoom, (view.scrollTop + y) / zoom];
    zoom = next;
    map.classList.add("zooming");
    clearTimeout(resting);
    resting = setTimeout(() => map.classList.remove("zooming"), 150);
    map.style.transform = $("rows").style.transform = `scale(${next})`;
    $("sizer").style.width = data.width * next + "px";
    $("sizer").style.height = data.height * next + "px";
    view.scrollLeft = left * next - x;
    view.scrollTop = top * next - y;
    $("scale").textContent = Math.round(100 * next) + " %";
    page.overviewLater();
  };
  page.scale = () => zoom;
  const fit = () => setZoom(Math.min(1, (view.clientWidth - 20) / data.width, (view.clientHeight - 20) / data.height));
  $("zoom-in").addEventListener("click", () => setZoom(zoom * 1.25));
  $("zoom-out").addEventListener("click", () => setZoom(zoom / 1.25));
  $("zoom-fit").addEventListener("click", fit);
  $("zoom-full").addEventListener("click", () => setZoom(1));
  view.addEventListener("wheel", event => {
    if (!event.ctrlKey) return;
    event.preventDefault();
    const frame = view.getBoundingClientRect();
    setZoom(zoom * Math.exp(-event.deltaY / 300), event.clientX - frame.left, event.clientY - frame.top);
  }, { passive: false });

  // A press on a card may become a drag, too; then it opens nothing.
  const SLACK = 5;
  let drag = null;
  let dragged = false;
  view.addEventListener("pointerdown", event => {
    dragged = false;
    const onBar = event.target === view && (event.offsetX > view.clientWidth || event.offsetY > view.clientHeight);
    if (event.button || event.pointerType === "touch" || onBar) return;
    drag = { x: event.clientX, y: event.clientY, left: view.scrollLeft, top: view.scrollTop };
  });
  view.addEventListener("pointermove", event => {
    if (!drag) return;
    const [across, down] = [event.clientX - drag.x, event.clientY - drag.y];
    if (!dragged && Math.hypot(across, down) < SLACK) return;
    if (!dragged) {
      dragged = true;
      view.setPointerCapture(event.pointerId);
      view.classList.add("drag");
    }
    view.scrollTo(drag.left - across, drag.top - down);
  });
  view.addEventListener("click", event => {
    if (dragged) event.stopPropagation();
    dragged = false;
  }, true);
  const drop = () => { drag = null; view.classList.remove("drag"); };
  view.addEventListener("pointerup", drop);
  view.addEventListener("pointercancel", drop);

  page.reveal = g => requestAnimationFrame(() => {
    const card = cards[g].getBoundingClientRect();
    const frame = view.getBoundingClientRect();
    const gutter = Math.min(data.gutter * zoom, 160);
    if (card.left < frame.left + gutter || card.right > frame.right) view.scrollLeft += card.left - frame.left - frame.width / 2;
    if (card.top < frame.top || card.bottom > frame.bottom) view.scrollTop += card.top - frame.top - frame.height / 3;
  });

  // One card is a stop of the Tab key: the last one visited.
  const rows = data.layers.map((layer, row) => cards.map((card, g) => g).filter(g => data.groups[g].layer === row)
    .sort((a, b) => data.groups[a].x - data.groups[b].x));
  let stop = rows[0][0];
  page.focusCard = g => {
    cards[stop].tabIndex = -1;
    stop = g;
    cards[g].tabIndex = 0;
    cards[g].focus({ preventScroll: true });
    page.reveal(g);
  };
  cards.forEach((card, g) => {
    card.tabIndex = g === stop ? 0 : -1;
    card.addEventListener("click", () => {
      cards[stop].tabIndex = -1;
      stop = g;
      card.tabIndex = 0;
      go(data.groups[g].name);
    });
    card.addEventListener("keydown", event => {
      const row = rows[data.groups[g].layer];
      const i = row.indexOf(g);
      const up = out[g].length ? data.edges[out[g][0]][1] : undefined;
      const down = into[g].length ? data.edges[into[g][0]][0] : undefined;
      const next = { ArrowLeft: row[i - 1], ArrowRight: row[i + 1], Home: row[0], End: row[row.length - 1], ArrowUp: up, ArrowDown: down }[event.key];
      if (next === undefined || event.ctrlKey || event.altKey || event.metaKey) return;
      event.preventDefault();
      page.focusCard(next);
    });
  });

  page.resized = () => document.documentElement.style.setProperty("--above", document.querySelector("main").offsetTop + "px");
  page.startView = () => {
    const [across, down] = [(view.clientWidth - 20) / data.width, (view.clientHeight - 20) / data.height];
    setZoom(Math.min(1, Math.min(across, down) >= .7 ? Math.min(across, down) : Math.max(.85, across)));
    view.scrollLeft = (data.groups[rows[0][0]].x + data.cardWidth / 2 - data.gutter / 2) * zoom - view.clientWidth / 2;
  };
})();
