"""Pure: receipts that the door can check without a network (docs/adr/0006).

``MX1.<key>.<reference>.<office>.<local start>.<procedure>.<person>.<signature>``: everything before the last
dot is signed with Ed25519. It names nobody; ``person`` only tells whether the person who stands there, with
their papers, is the one who booked.
"""

import binascii
import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from appointments.identities import fold_name
from mexitel.utils.signing import SigningKey, from_base64, to_base64

VERSION = "MX1"
LOCAL_START = "%Y%m%dT%H%M%z"
PERSON_BYTES = 8
LONGEST = 400
_TOKEN = re.compile(r"MX1(?:\.[A-Za-z0-9_+-]+){7}")


class InvalidReceipt(ValueError):
    """Not a receipt, altered, or signed with a key that is not ours. ``code`` stays the same for machines."""

    code = "invalid_receipt"


@dataclass(frozen=True)
class Receipt:
    """``starts_at`` shows the office's own clock; ``person`` is what ``person_digest`` makes."""

    reference: str
    office: str
    starts_at: datetime
    procedure: str
    person: str

    def is_of(self, *, names: Iterable[str], birth_date: date) -> bool:
        """Whether somebody with these names, in any order and spelling of accents, born on that day, booked it."""
        return self.person == person_digest(reference=self.reference, names=names, birth_date=birth_date)


def person_digest(*, reference: str, names: Iterable[str], birth_date: date) -> str:
    """Eleven letters that bind a person to one receipt, the same with or without accents and in any order."""
    tokens = sorted(token for name in names for token in fold_name(name))
    text = f"{reference}|{' '.join(tokens)}|{birth_date.isoformat()}"
    return to_base64(hashlib.sha256(text.encode()).digest()[:PERSON_BYTES])


def sign(receipt: Receipt, *, key: SigningKey) -> str:
    start = receipt.starts_at.strftime(LOCAL_START)
    said = ".".join([VERSION, key.name, receipt.reference, receipt.office, start, receipt.procedure, receipt.person])
    return f"{said}.{to_base64(key.private.sign(said.encode()))}"


def check(token: str, *, keys: Mapping[str, Ed25519PublicKey]) -> Receipt:
    """What a receipt says, once its signature stands. ``keys`` are public, by name. Needs no network, no database.

    Raises InvalidReceipt. Whether the appointment was moved or cancelled afterwards only the portal knows.
    """
    if len(token) > LONGEST or not _TOKEN.fullmatch(token):
        raise InvalidReceipt
    said, _, signature = token.rpartition(".")
    _version, name, reference, office, start, procedure, person = said.split(".")
    if name not in keys:
        raise InvalidReceipt
    try:
        keys[name].verify(from_base64(signature), said.encode())
        return Receipt(reference, office, datetime.strptime(start, LOCAL_START), procedure, person)
    except (InvalidSignature, binascii.Error, ValueError) as error:
        raise InvalidReceipt from error


def find_token(text: str) -> str:
    """The receipt in what somebody pasted (the link of the QR code, or the code itself); empty when there is none."""
    found = _TOKEN.search("".join(text[: 4 * LONGEST].split()).replace("%2B", "+"))
    return found.group() if found else ""
