#!/usr/bin/env python3
"""Check the signed announcement of an opening of places for consular appointments.

    python3 verify_announcement.py anuncio.json claves.json

``anuncio.json`` is the file of the opening's page, ``claves.json`` is what /verificar/clave gives. It needs Python 3.8
and the package "cryptography". Keep the file: whatever the portal says later, this is what it promised.
"""

import base64
import json
import sys

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


def raw(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


with open(sys.argv[1], encoding="utf-8") as file:
    told = json.load(file)
with open(sys.argv[2], encoding="utf-8") as file:
    keys = {key["kid"]: key["x"] for key in json.load(file)["keys"]}
said = json.dumps(told["said"], sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
try:
    Ed25519PublicKey.from_public_bytes(raw(keys[told["key"]])).verify(raw(told["signature"]), said)
except (InvalidSignature, KeyError):
    sys.exit(print("WRONG: no published key signed this") or 1)
print(f"good: signed by {told['key']}, announced {told['said']['announced_at']}")
for office in told["said"]["offices"]:
    print(f"  {office['office']}: {office['seats']} places, open {office['opens_at']}")
