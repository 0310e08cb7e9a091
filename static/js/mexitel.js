// Small helps for every page; each page is complete without them.
(function () {
  "use strict";

  // After a refused form: the summary is where the reader starts, and its links go into the field.
  var summary = document.querySelector("[data-mx-error-summary]");
  if (summary) {
    summary.focus();
    summary.addEventListener("click", function (event) {
      var href = event.target.getAttribute && event.target.getAttribute("href");
      var field = href && href.charAt(0) === "#" && document.getElementById(href.slice(1));
      if (!field) return;
      event.preventDefault();
      var group = field.closest(".govuk-form-group, fieldset") || field;
      group.scrollIntoView();
      if (!/^(INPUT|SELECT|TEXTAREA|BUTTON)$/.test(field.tagName)) field = field.querySelector("input,select,textarea") || field;
      field.focus({ preventScroll: true });
    });
  }

  // A second press within two seconds is the same press.
  document.addEventListener("submit", function (event) {
    var form = event.target, last = +form.getAttribute("data-mx-sent") || 0;
    if (form.method !== "post") return;
    if (Date.now() - last < 2000) event.preventDefault();
    else form.setAttribute("data-mx-sent", Date.now());
  });

  // Changing the language reloads the page: what was typed waits in this tab for that one load.
  var keep = "mx-typed", fields = "main form[method=post] :is(input:not([type=hidden],[type=password]),select,textarea)";
  document.addEventListener("submit", function (event) {
    if (!event.target.querySelector("[name=language].mx-header__link")) return;
    var typed = [].map.call(document.querySelectorAll(fields), function (field) {
      return [field.name, field.value, field.checked];
    });
    try { sessionStorage.setItem(keep, JSON.stringify([location.pathname, typed])); } catch (full) { /* then not */ }
  });
  try {
    var kept = JSON.parse(sessionStorage.getItem(keep) || "[]");
    sessionStorage.removeItem(keep);
    if (kept[0] === location.pathname) document.querySelectorAll(fields).forEach(function (field, at) {
      var was = kept[1][at];
      if (!was || was[0] !== field.name) return;
      if (/^(checkbox|radio)$/.test(field.type)) field.checked = was[2];
      else field.value = was[1];
    });
  } catch (closed) { /* a browser that keeps nothing */ }

  document.addEventListener("click", function (event) {
    if (event.target.closest && event.target.closest("[data-mx-print]")) window.print();
  });
  document.querySelectorAll("[data-mx-print]").forEach(function (button) { button.hidden = false; });

  // <strong data-mx-countdown="seconds left">: the server says how long, so a wrong clock on the phone does no harm.
  // The nearest [data-mx-alarm="120"] (with role="status" inside) is told once when so many seconds are left.
  document.querySelectorAll("[data-mx-countdown]").forEach(function (place) {
    var end = performance.now() + 1000 * place.getAttribute("data-mx-countdown");
    var box = place.closest("[data-mx-alarm]"), told = false;
    function tick() {
      var left = Math.max(0, Math.round((end - performance.now()) / 1000));
      place.textContent = Math.floor(left / 60) + ":" + ("0" + (left % 60)).slice(-2);
      if (box && !told && left <= +box.getAttribute("data-mx-alarm")) {
        told = true;
        var status = box.querySelector("[role=status]");
        if (status) status.textContent = box.getAttribute("data-mx-alarm-text");
      }
      if (left > 0) window.setTimeout(tick, 1000);
      else if (place.getAttribute("data-mx-expired")) window.location.assign(place.getAttribute("data-mx-expired"));
    }
    tick();
  });
})();
