"""Pure: what the office promises before it knows who comes, and the seed that nobody chose alone.

Everything hashed is short text, so that ``printf`` and ``sha256sum`` recompute it: a first line that says what it is
(so that no hash can be passed off as another), then one line per part, bytes in lower-case hexadecimal.
"""

import secrets
from hashlib import sha256

COMMITMENT = "mexitel commitment 1"
SEED = "mexitel seed 1"


def new_secret() -> bytes:
    """32 bytes that the office keeps until the draw."""
    return secrets.token_bytes(32)


def commitment_of(secret: bytes) -> bytes:
    """What is published before anybody has joined: the office can no longer change its ``secret``."""
    return _hash(COMMITMENT, secret)


def seed_from(secret: bytes, sealed_hash: bytes, randomness: bytes) -> bytes:
    """The seed, of three parts of 32 bytes: the office's secret, the sealed list that the public helped to write, and a
    round of a public beacon that was drawn after both were published.
    """
    return _hash(SEED, secret, sealed_hash, randomness)


def _hash(purpose: str, *parts: bytes) -> bytes:
    if any(len(part) != 32 for part in parts):
        raise ValueError("Each part has 32 bytes.")
    return sha256("".join(f"{line}\n" for line in [purpose, *(part.hex() for part in parts)]).encode()).digest()
