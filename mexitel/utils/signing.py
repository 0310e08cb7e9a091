"""Ed25519 keys of what the portal signs for strangers, as the page of keys shows them (docs/adr/0006, 0034)."""

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.conf import settings


@dataclass(frozen=True)
class SigningKey:
    private: Ed25519PrivateKey
    name: str

    @classmethod
    @cache
    def from_seed(cls, seed: str) -> "SigningKey":
        """``seed`` is 32 bytes in base64. Raises ValueError for anything else."""
        private = Ed25519PrivateKey.from_private_bytes(base64.b64decode(seed, validate=True))
        return cls(private, key_name(private.public_key()))

    @property
    def public(self) -> Ed25519PublicKey:
        return self.private.public_key()


def own_key() -> SigningKey:
    return SigningKey.from_seed(settings.RECEIPT_KEY)


def published_keys() -> dict[str, Ed25519PublicKey]:
    """Today's key and those that signed before it (``RECEIPT_OLD_KEYS``, public halves), by name."""
    old = [public_key(text) for text in settings.RECEIPT_OLD_KEYS]
    return {key_name(key): key for key in [own_key().public, *old]}


def is_signed(said: bytes, *, key: str, signature: str) -> bool:
    """Whether a published key of that name made the signature (URL-safe base64) of these bytes."""
    found = published_keys().get(key)
    try:
        if found is not None:
            found.verify(from_base64(signature), said)
    except (InvalidSignature, ValueError):
        return False
    return found is not None


def key_name(public: Ed25519PublicKey) -> str:
    """Eight hexadecimal digits of the key's SHA-256: enough to find it among the published ones."""
    return hashlib.sha256(public.public_bytes_raw()).hexdigest()[:8]


def public_key(text: str) -> Ed25519PublicKey:
    """From 32 bytes in URL-safe base64, as the page of keys shows them."""
    return Ed25519PublicKey.from_public_bytes(from_base64(text))


def as_jwk(public: Ed25519PublicKey) -> dict[str, str]:
    """The key as RFC 8037 writes it."""
    x = to_base64(public.public_bytes_raw())
    return {"kty": "OKP", "crv": "Ed25519", "use": "sig", "kid": key_name(public), "x": x}


def canonical(facts: Mapping[str, Any]) -> bytes:
    """JSON with one spelling (RFC 8785 for what is text, whole numbers, null, lists and objects with ASCII names)."""
    return json.dumps(facts, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()


def to_base64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def from_base64(text: str) -> bytes:
    raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    if to_base64(raw) != text:
        raise ValueError("not in canonical form")  # one signature has one spelling
    return raw
