// The wall renews itself without blinking; without this script the page loads again every few seconds.
(function () {
  "use strict";
  var EVERY = 4000;

  function renew() {
    fetch(location.href, { cache: "no-store" }).then(function (answer) {
      if (answer.status === 404) location.reload(); // the day is over
      return answer.ok ? answer.text() : "";
    }).then(function (text) {
      if (!text) return;
      var page = new DOMParser().parseFromString(text, "text/html");
      ["[data-wall]", "[data-wall-clock]"].forEach(function (part) {
        var now = document.querySelector(part), next = page.querySelector(part);
        if (now && next && now.innerHTML !== next.innerHTML) now.innerHTML = next.innerHTML;
      });
    }).catch(function () { /* the network is away: what is shown stays */ }).then(function () {
      window.setTimeout(renew, EVERY);
    });
  }
  window.setTimeout(renew, EVERY);
})();
