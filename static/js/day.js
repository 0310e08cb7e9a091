// The desk: letters press the buttons of the person who has the focus, arrows go from one to the next, and the camera
// reads receipts where the browser can. Without any of it every button works.
(function () {
  "use strict";

  var lines = [].slice.call(document.querySelectorAll("[data-day-line]"));
  var help = document.querySelector("[data-day-help]");
  if (help && lines.length) help.hidden = false;

  function typing(element) {
    return /^(INPUT|SELECT|TEXTAREA)$/.test(element.tagName) || element.isContentEditable;
  }

  // Only inside a person's line: elsewhere the letters belong to the reader's own tools.
  document.addEventListener("keydown", function (event) {
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    var line = event.target.closest && event.target.closest("[data-day-line]");
    if (!line) return;
    var key = event.key.toUpperCase();
    if (key === "ARROWDOWN" || key === "ARROWUP") {
      var next = lines[lines.indexOf(line) + (key === "ARROWDOWN" ? 1 : -1)];
      var target = next && next.querySelector("button, a");
      if (target) {
        event.preventDefault();
        target.focus();
      }
      return;
    }
    if (!/^[A-Z]$/.test(key)) return;
    var scope = line.closest("section") || line;
    var button = scope.querySelector('[data-key="' + key + '"]') || line.querySelector('[data-key="' + key + '"]');
    if (!button) return;
    event.preventDefault();
    button.click();
  });

  // The camera is a garnish: a hand scanner or the keyboard does the same.
  [].forEach.call(document.querySelectorAll("[data-day-scan]"), function (start) {
    if (!("BarcodeDetector" in window) || !navigator.mediaDevices) return;
    var form = start.closest("form"), field = form.querySelector("[data-day-find]");
    var box = form.querySelector("[data-day-camera]"), video = box.querySelector("video");
    var status = box.querySelector("[role=status]"), stream = null;
    start.hidden = false;

    function stop() {
      if (stream) stream.getTracks().forEach(function (track) { track.stop(); });
      stream = null;
      video.hidden = true;
    }

    start.addEventListener("click", function () {
      if (stream) {
        stop();
        box.hidden = true;
        return;
      }
      box.hidden = false;
      video.hidden = false;
      status.textContent = "";
      navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } }).then(function (given) {
        stream = given;
        video.srcObject = given;
        return video.play().then(function () { look(new window.BarcodeDetector({ formats: ["qr_code"] })); });
      }).catch(function () {
        stop();
        status.textContent = status.getAttribute("data-denied");
      });
    });

    function look(detector) {
      if (!stream) return;
      detector.detect(video).catch(function () { return []; }).then(function (codes) {
        if (!codes.length) return window.setTimeout(look, 200, detector);
        field.value = codes[0].rawValue;
        stop();
        box.hidden = true;
        form.requestSubmit();
      });
    }
  });
})();
