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
  new ResizeObserver(page.resized).observe($("tools"));
  page.resized();
  page.startView();
  page.filter();
  page.follow();
})();
