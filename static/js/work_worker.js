// Finds the number whose SHA-256 with the salt is the challenge (ALTCHA). Answers with it, or with null.
"use strict";
self.onmessage = async function (event) {
  var wanted = event.data.challenge, encoder = new TextEncoder(), at = 0, batch = 200;
  function hex(buffer) {
    return Array.from(new Uint8Array(buffer), function (byte) { return byte.toString(16).padStart(2, "0"); }).join("");
  }
  while (at <= event.data.max) {
    var numbers = Array.from({ length: batch }, function (_, place) { return at + place; });
    var digests = await Promise.all(numbers.map(function (number) {
      return crypto.subtle.digest("SHA-256", encoder.encode(event.data.salt + number));
    }));
    var found = digests.findIndex(function (digest) { return hex(digest) === wanted; });
    if (found >= 0) return self.postMessage(at + found);
    at += batch;
  }
  self.postMessage(null);
};
