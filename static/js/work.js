// The short check before a hold: a worker looks for the number, and the form goes by itself. Without it the person waits.
(function () {
  "use strict";
  var form = document.querySelector("[data-mx-work]");
  if (!form || !window.Worker || !window.crypto || !window.crypto.subtle) return;
  var told = form.querySelector("[data-mx-work-told]"), wait = form.querySelector("[data-mx-work-wait]");
  var said = told.querySelector("[role=status]"), worker;

  function give_up() { told.hidden = true; wait.hidden = false; }

  try { worker = new Worker(form.getAttribute("data-mx-work")); } catch (refused) { return; }
  told.hidden = false;
  wait.hidden = true;
  said.textContent = told.getAttribute("data-working");
  worker.onerror = give_up;
  worker.onmessage = function (event) {
    if (event.data === null) return give_up();
    said.textContent = told.getAttribute("data-done");
    form.elements.altcha.value = btoa(JSON.stringify({
      algorithm: "SHA-256", challenge: form.dataset.challenge, number: event.data,
      salt: form.dataset.salt, signature: form.dataset.signature
    }));
    form.requestSubmit ? form.requestSubmit() : form.submit();
  };
  worker.postMessage({ challenge: form.dataset.challenge, salt: form.dataset.salt, max: +form.dataset.max });
})();
