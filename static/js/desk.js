// The desk's keys: a letter presses what carries it, j and k walk through a list, ? shows them all. They rest while
// somebody writes, and altogether when this person has switched them off. Without this file every page works the same.
(() => {
  const desk = document.querySelector("[data-desk][data-keys]");
  if (!desk) return;
  const writes = (target) =>
    target.isContentEditable || /^(TEXTAREA|SELECT)$/.test(target.tagName) ||
    (target.tagName === "INPUT" && !/^(checkbox|radio|button|submit)$/.test(target.type));

  const walk = (step) => {
    const rows = [...desk.querySelectorAll("[data-row]")];
    const at = rows.indexOf(document.activeElement);
    const next = at < 0 ? (step > 0 ? 0 : rows.length - 1) : at + step;
    rows[Math.max(0, Math.min(rows.length - 1, next))]?.focus();
  };

  const show = () => {
    const list = desk.querySelector("[data-key-list]");
    list.open = !list.open;
    if (list.open) list.querySelector("summary").focus();
  };

  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey || event.repeat) return;
    if (writes(event.target)) {
      if (event.key === "Escape") event.target.blur();
      return;
    }
    const key = event.key.toLowerCase();
    const act = { j: () => walk(1), k: () => walk(-1), "?": show }[key];
    const found = act ? null : desk.querySelector(`[data-key="${CSS.escape(key)}"]`);
    if (!act && !found) return;
    event.preventDefault();
    (act || (() => found.click()))();
  });

  // One press is one deed, however long the answer takes.
  desk.addEventListener("submit", (event) => {
    if (event.target.dataset.sent) event.preventDefault();
    event.target.dataset.sent = "1";
  });
})();
