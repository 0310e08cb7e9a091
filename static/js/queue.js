// The room of a queue: looks at one small file that is the same for everybody, and asks for itself only when its own turn
// has come or something has changed that the file cannot tell. Without it the page reloads every 20 seconds.
(function () {
  "use strict";
  var room = document.querySelector("[data-mx-queue]");
  if (!room) return;
  var file = room.getAttribute("data-mx-queue"), rank = +room.getAttribute("data-rank");
  var phase = room.getAttribute("data-phase"), stage = room.getAttribute("data-stage");
  var seen = 0, same = 0, leaving = false;

  function later(seconds, what) { window.setTimeout(what, 1000 * seconds); }

  // Thousands of pages learn the same thing at once: they ask one after the other.
  function ask(within) {
    if (leaving) return;
    leaving = true;
    later(Math.random() * within, function () { window.location.reload(); });
  }

  function show(name, value) {
    var place = room.querySelector("[data-mx-queue-" + name + "]");
    if (place && place.textContent !== String(value)) place.textContent = value;
  }

  function rounded(minutes) {
    var step = minutes <= 10 ? 1 : minutes <= 60 ? 5 : 15;
    return Math.ceil(minutes / step) * step;
  }

  function told(facts) {
    same = facts.at === seen ? same + 1 : 0;
    seen = facts.at;
    if (facts.phase !== phase) return ask(facts.spread);
    if (same * facts.again > 15) return ask(20);
    if (stage === "drawing" && phase === "calling") return ask(8);
    if (stage === "waiting") {
      if (rank <= facts.called_to) return ask(2);
      var ahead = rank - facts.called_to - 1, wait = (ahead + 1) / facts.called_a_minute;
      show("to", facts.called_to);
      show("left", facts.free);
      show("ahead", ahead);
      var line = room.querySelector("[data-mx-queue-wait]");
      if (line) line.hidden = !isFinite(wait);
      if (isFinite(wait)) {
        show("least", rounded(0.6 * wait));
        show("most", Math.max(1, rounded(1.6 * wait)));
      }
    }
    later(facts.again * (0.8 + 0.4 * Math.random()), look);
  }

  function look() {
    // Without the cookies: the answer is everybody's, and no session is looked up for it.
    window.fetch(file, { credentials: "omit" }).then(function (answer) {
      if (!answer.ok) throw new Error(answer.status);
      return answer.json();
    }).then(told).catch(function () { later(10 + 10 * Math.random(), look); });
  }

  // Back from a tunnel or from another page: what stands here may be old.
  window.addEventListener("pageshow", function (event) { if (event.persisted) window.location.reload(); });

  if (stage === "called" || stage === "missed") return;
  var wait = Math.min(+room.getAttribute("data-opens-in"), 1728000);  // a timer counts to 24 days
  later(wait > 0 ? wait + 3 + Math.random() * room.getAttribute("data-spread") : 2 + Math.random(), look);
})();
