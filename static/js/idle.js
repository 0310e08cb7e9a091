// Warns before an idle session ends. Nothing on the page is touched, so typed answers stay where they are.
(() => {
  const part = document.querySelector("[data-idle-seconds]");
  const dialog = part?.querySelector("dialog");
  if (!dialog?.showModal) return;
  const idle = Number(part.dataset.idleSeconds) * 1000;
  const warn = Number(part.dataset.warnSeconds) * 1000;
  const over = part.querySelector("[data-idle-over]");
  const stay = part.querySelector("[data-idle-stay]");
  const token = () => document.querySelector("[name=csrfmiddlewaretoken]")?.value ?? "";
  let last = Date.now();

  const keep = async () => {
    try {
      const answer = await fetch(part.dataset.keepUrl, { method: "POST", headers: { "X-CSRFToken": token() } });
      if (answer.ok) {
        last = Date.now();
        dialog.close();
        return;
      }
      end();
    } catch {
      // Off line: the warning stays, and the next tap tries again.
    }
  };
  const end = () => {
    over.hidden = false;
    stay.hidden = true;
  };
  stay.addEventListener("click", keep);
  // The clock is compared, not counted: phones stop timers while the page sleeps.
  setInterval(() => {
    const left = last + idle - Date.now();
    if (left <= 0) end();
    if (left <= warn && !dialog.open) dialog.showModal();
  }, 5000);
})();
