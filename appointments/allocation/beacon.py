"""Public random numbers that nobody can choose or know early. No round, no draw.

``drand-quicknet`` is the League of Entropy: two dozen organisations sign the number of each round together, every three
seconds, and no fewer than a majority of them can. One signature per round exists, so a server that lies or stays silent
is found out by the signature alone. ``local`` is the beacon of the embedded run: signed by this installation, it proves
nothing, and every page and file says so.
"""

import json
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings

from appointments.allocation.errors import BeaconAway
from mexitel.utils.crypto import keyed_hash

TIMEOUT_SECONDS = 5
# RFC 9380, and the name that drand signs under ("bls-unchained-g1-rfc9380").
DOMAIN = b"BLS_SIG_BLS12381G1_XMD:SHA-256_SSWU_RO_NUL_"
QUICKNET_KEY = bytes.fromhex(
    "83cf0f2896adee7eb8b5f01fcad3912212c437e0073e911fb90022d3e760183c8c4b450b6a0a6c3ac6a5776a2d106451"
    "0d1fec758c921cc22b0e17e63aaf4bcb5ed66304de9cf809bd274ca73bab4af5a6e9c76a4bc09e76eae8991ef5ece45a"
)


@dataclass(frozen=True)
class Chain:
    """Rounds 1, 2, 3 ... of one beacon: the first at ``genesis`` (Unix seconds), one every ``period`` seconds.

    ``margin`` seconds lie at least between the publication of a list and its round, so that a clock of ours that goes
    wrong by less never lets a list be sealed when its number is known already.
    """

    name: str
    identity: str
    genesis: int
    period: int
    margin: int

    def __str__(self) -> str:
        return f"{self.name} {self.identity} {self.genesis} {self.period}"

    @property
    def is_demonstration(self) -> bool:
        return self.name == LOCAL

    def round_after(self, at: datetime) -> int:
        """The first round that begins later than ``at`` and the margin."""
        return (int(at.timestamp()) + self.margin - self.genesis) // self.period + 2

    def begins(self, number: int) -> datetime:
        return datetime.fromtimestamp(self.genesis + (number - 1) * self.period, UTC)

    def check(self, number: int, signature: bytes) -> bool:
        """Whether ``signature`` is the one signature of round ``number``. Takes a third of a second of quicknet."""
        return _check_local(number, signature) if self.is_demonstration else _check_quicknet(number, signature)


class Pulse(NamedTuple):
    """One round, checked."""

    round: int
    signature: bytes

    @property
    def randomness(self) -> bytes:
        return sha256(self.signature).digest()


LOCAL, DRAND = "local", "drand-quicknet"
QUICKNET = Chain(
    name=DRAND,
    identity="52db9ba70e0cc0f6eaf7803dd07447a1f5477735fd3f661792ba94600c84e971",
    genesis=1692803367,
    period=3,
    margin=30,
)


def chain_in_use() -> Chain:
    """The beacon that new lists are sealed for."""
    return chain_named(settings.DRAW_BEACON)


def chain_named(name: str) -> Chain:
    if name == DRAND:
        return QUICKNET
    return Chain(
        name=LOCAL,
        identity=_local_key().public_key().public_bytes_raw().hex(),
        genesis=QUICKNET.genesis,
        period=1,
        margin=1,
    )


def fetch(chain: Chain, number: int, *, now: datetime) -> Pulse:
    """Round ``number``, checked. Raises BeaconAway when it has not begun or no server gives it."""
    if now < chain.begins(number):
        raise BeaconAway("the round has not begun")
    if chain.is_demonstration:
        return Pulse(number, _local_key().sign(_local_message(number)))
    return _fetch_quicknet(number, settings.DRAND_URLS)


# -- drand ------------------------------------------------------------------------------------------


def _fetch_quicknet(number: int, servers: Sequence[str]) -> Pulse:
    """From the first server that gives a good signature: none of them has to be trusted."""
    for server in servers:
        try:
            signature = _asked(f"{server.rstrip('/')}/{QUICKNET.identity}/public/{number}")
        except (OSError, ValueError, KeyError, TypeError):
            continue
        if QUICKNET.check(number, signature):
            return Pulse(number, signature)
    raise BeaconAway(f"round {number}, {len(servers)} servers asked")


def _asked(address: str) -> bytes:
    if not address.startswith(("https://", "http://127.0.0.1:")):
        raise ValueError("DRAND_URLS are https addresses.")
    with urllib.request.urlopen(address, timeout=TIMEOUT_SECONDS) as answer:  # noqa: S310 - the scheme is checked
        return bytes.fromhex(json.loads(answer.read(65536))["signature"])


def _check_quicknet(number: int, signature: bytes) -> bool:
    """e(signature, generator of G2) = e(hash of the round, key of the network)."""
    # Only who checks a round pays for the library: half a second and its memory.
    from py_ecc.bls.g2_primitives import pubkey_to_G1, signature_to_G2, subgroup_check
    from py_ecc.bls.hash_to_curve import hash_to_G1
    from py_ecc.optimized_bls12_381 import FQ12, G2, final_exponentiate, is_inf, neg, pairing

    try:
        point = pubkey_to_G1(signature)  # type: ignore[arg-type]
    except ValueError:
        return False
    if len(signature) != 48 or is_inf(point) or not subgroup_check(point):
        return False
    message = hash_to_G1(sha256(number.to_bytes(8, "big")).digest(), DOMAIN, sha256)  # type: ignore[arg-type]
    key = signature_to_G2(QUICKNET_KEY)  # type: ignore[arg-type]
    left = pairing(G2, point, final_exponentiate=False)
    right = pairing(key, neg(message), final_exponentiate=False)
    return final_exponentiate(left * right) == FQ12.one()


# -- the demonstration ------------------------------------------------------------------------------


def _local_key() -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(keyed_hash("beacon", LOCAL))


def _local_message(number: int) -> bytes:
    return f"mexitel local beacon 1\n{number}\n".encode()


def _check_local(number: int, signature: bytes) -> bool:
    try:
        _local_key().public_key().verify(signature, _local_message(number))
    except InvalidSignature:
        return False
    return True
