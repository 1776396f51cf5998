// A small map of the whole graph in the corner; a press or a drag on it goes there.
(() => {
  const { $, data, view } = page;
  const canvas = $("overview");
  const [most, tall] = [220, 150];
  const scale = Math.min(most / data.width, tall / data.height);
  const [width, height] = [Math.max(40, Math.round(data.width * scale)), Math.max(30, Math.round(data.height * scale))];
  const dense = Math.min(2, window.devicePixelRatio || 1);
  canvas.width = width * dense;
  canvas.height = height * dense;
  canvas.style.width = width + "px";
  canvas.style.height = height + "px";
  const pen = canvas.getContext("2d");
  const [across, down] = [Math.max(1, data.cardWidth * scale - .4), Math.max(2, data.cardHeight * scale)];

  page.drawOverview = () => {
    const zoom = page.scale();
    const needless = data.width * zoom <= view.clientWidth + 4 && data.height * zoom <= view.clientHeight + 4;
    canvas.hidden = needless || view.hidden;
    if (canvas.hidden) return;
    pen.setTransform(dense, 0, 0, dense, 0, 0);
    pen.clearRect(0, 0, width, height);
    for (const [g, group] of data.groups.entries()) {
      const card = page.cards[g].classList;
      pen.fillStyle = card.contains("open") ? "#7a1fa2" : card.contains("hit") ? "#c2185b" : card.contains("far") ? "#dfe3ea" : "#8d96a5";
      pen.fillRect(group.x * scale, group.y * scale, across, down);
    }
    pen.strokeStyle = "#1c2330";
    pen.lineWidth = 1.5;
    pen.strokeRect(view.scrollLeft / zoom * scale + .75, view.scrollTop / zoom * scale + .75,
      Math.min(width, view.clientWidth / zoom * scale) - 1.5, Math.min(height, view.clientHeight / zoom * scale) - 1.5);
  };
  let asked = 0;
  const later = () => {
    cancelAnimationFrame(asked);
    asked = requestAnimationFrame(page.drawOverview);
  };
  page.overviewLater = later;
  view.addEventListener("scroll", later, { passive: true });
  new ResizeObserver(later).observe(view);

  const there = event => {
    const frame = canvas.getBoundingClientRect();
    const zoom = page.scale();
    view.scrollTo((event.clientX - frame.left) / scale * zoom - view.clientWidth / 2, (event.clientY - frame.top) / scale * zoom - view.clientHeight / 2);
  };
  canvas.addEventListener("pointerdown", event => {
    event.preventDefault();
    canvas.setPointerCapture(event.pointerId);
    there(event);
  });
  canvas.addEventListener("pointermove", event => { if (event.buttons) there(event); });
})();
