// Checks receipts in this browser alone: Ed25519 with the published keys, and the references of today. Sends nothing.
(function () {
  "use strict";
  var form = document.querySelector("[data-offline]"), none = document.querySelector("[data-offline-none]");
  var box = document.querySelector("[data-offline-answer]"), field = document.getElementById("offline");
  var texts = document.querySelector("[data-offline-texts]");
  var published = JSON.parse(document.getElementById("offline-keys").textContent);
  var day = JSON.parse(document.getElementById("offline-list").textContent), keys = {};

  function bytes(text) {
    var raw = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
    return Uint8Array.from(raw, function (letter) { return letter.charCodeAt(0); });
  }

  function ready() {
    if (!window.crypto || !crypto.subtle) return Promise.reject();
    return Promise.all(Object.keys(published).map(function (name) {
      return crypto.subtle.importKey("raw", bytes(published[name].x), { name: "Ed25519" }, false, ["verify"])
        .then(function (key) { keys[name] = key; });
    }));
  }

  function say(kind, text, more) {
    box.className = "mx-notice mx-notice--" + kind;
    box.children[0].textContent = texts.getAttribute("data-" + text);
    box.children[1].textContent = more || "";
    box.hidden = false;
    field.select();
  }

  function fold(text) {
    return text.toUpperCase().replace(/[^A-Z0-9]/g, "").replace(/O/g, "0").replace(/[IL]/g, "1");
  }

  function shown(row) { return row[1] + " · " + row[2]; }

  function judge(said) {
    var row = day.list[said[2]];
    if (said[3] !== day.office) return say("warning", "another-office", said[3]);
    if (row && row[0] === said[4]) return say("success", "good", shown(row));
    if (row) return say("warning", "moved", shown(row));
    var today = Object.keys(day.list).some(function (one) { return day.list[one][0].slice(0, 8) === said[4].slice(0, 8); });
    say("warning", today ? "unlisted" : "another-day", said[4].slice(0, 4) + "-" + said[4].slice(4, 6) + "-" + said[4].slice(6, 8));
  }

  function check(text) {
    var token = text.replace(/\s/g, "").replace(/%2B/gi, "+").match(/MX1(?:\.[A-Za-z0-9_+-]+){7}/);
    if (!token) {
      var reference = fold(text), row = day.list[reference];
      if (/MX1\./i.test(text)) return say("error", "not-ours");
      return row ? say("success", "listed", shown(row)) : say("warning", "unknown", reference.slice(0, 20));
    }
    var cut = token[0].lastIndexOf("."), signed = token[0].slice(0, cut), said = token[0].split("."), key = keys[said[1]];
    if (!key) return say("error", "not-ours");
    var signature;
    try { signature = bytes(token[0].slice(cut + 1)); } catch (broken) { return say("error", "not-ours"); }
    crypto.subtle.verify({ name: "Ed25519" }, key, signature, new TextEncoder().encode(signed)).then(function (good) {
      if (good) judge(said);
      else say("error", "not-ours");
    }, function () { say("error", "not-ours"); });
  }

  ready().then(function () {
    form.hidden = false;
    form.addEventListener("submit", function (event) {
      event.preventDefault();
      if (field.value.trim()) check(field.value);
    });
  }, function () { none.hidden = false; });
})();
