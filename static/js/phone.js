// The console's keys: the letter or number beside a button presses it, unless somebody is writing. A caller who was
// left alone for a while is taken off the screen as the server has forgotten them.
(() => {
  const page = document.querySelector("[data-console]");
  if (!page) return;
  const writes = (target) =>
    target.isContentEditable || /^(TEXTAREA|SELECT)$/.test(target.tagName) ||
    (target.tagName === "INPUT" && !/^(checkbox|radio|button|submit)$/.test(target.type));

  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey || event.repeat) return;
    if (writes(event.target)) {
      if (event.key === "Escape") event.target.blur();
      return;
    }
    const found = page.querySelector(`[data-key="${CSS.escape(event.key.toLowerCase())}"]`);
    if (!found) return;
    event.preventDefault();
    found.click();
  });

  // One press is one deed, however long the answer takes.
  page.addEventListener("submit", (event) => {
    if (event.target.dataset.sent) event.preventDefault();
    event.target.dataset.sent = "1";
  });

  const seconds = Number(page.dataset.idleAfter);
  if (seconds) {
    let last = Date.now();
    for (const kind of ["keydown", "pointerdown"]) document.addEventListener(kind, () => { last = Date.now(); });
    setInterval(() => {
      if (Date.now() - last > seconds * 1000) window.location.assign(page.dataset.idleTo);
    }, 5000);
  }
})();
