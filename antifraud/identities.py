"""Pure: what an event says about who books and who will attend, as keys that tell nothing by themselves.

The engine compares keys only. ``keyed_hash`` needs the portal's HASH_KEY; short keys save memory, and eight bytes
collide once among four thousand million.
"""

import re
from collections.abc import Collection, Sequence
from datetime import UTC, date, datetime
from functools import lru_cache
from sys import intern
from typing import NamedTuple

from disposable_email_domains import blocklist
from django.core.exceptions import ValidationError

from antifraud.curp import Identity, contradictions
from antifraud.events import Applicant
from appointments.identities import CurpProblem, check_curp, fold_name
from mexitel.accounts.addresses import canonical_phone
from mexitel.utils.crypto import keyed_hash
from mexitel.utils.emails import PROVIDERS, canonical_email

KEY_BYTES = 8
TOKEN_BYTES = 4
HEAD = 4  # bytes of a packed person before its keys

# The ten most frequent surnames of Mexico (INEGI): sharing one of these says little about being one family.
COMMON_SURNAMES = frozenset(
    [
        "HERNANDEZ",
        "GARCIA",
        "MARTINEZ",
        "LOPEZ",
        "GONZALEZ",
        "RODRIGUEZ",
        "PEREZ",
        "SANCHEZ",
        "RAMIREZ",
        "FLORES",
        "CRUZ",
        "GOMEZ",
    ]
)


class Mailbox(NamedTuple):
    """An e-mail address as keys: of the canonical mailbox, of its domain and of its shape (see ``email_shape``)."""

    key: bytes
    domain: str
    shape: str
    disposable: bool


class Person(bytes):
    """An applicant, packed: a million tuples of keys would take as much room again as all else the engine remembers.

    One byte of ``traits`` (yes and no in one number, see ``traits_of``), one of which surnames are ``common`` (very
    many people have them), one that counts the surnames, one whether the birth date is known; then the keys.
    """

    __slots__ = ()

    def __new__(
        cls,
        key: bytes,
        surnames: Sequence[bytes],
        common: Collection[bytes],
        tokens: bytes,
        birth: bytes,
        traits: int,
    ) -> "Person":
        """``key`` is the name with the birth date; ``tokens`` are the names one by one, four bytes each."""
        listed = sum(1 << place for place, surname in enumerate(surnames) if surname in common)
        return super().__new__(
            cls, b"".join([bytes([traits, listed, len(surnames), bool(birth)]), key, *surnames, birth, tokens])
        )

    @property
    def traits(self) -> int:
        return self[0]

    @property
    def key(self) -> bytes:
        return self[HEAD : HEAD + KEY_BYTES]

    @property
    def surnames(self) -> tuple[bytes, ...]:
        return tuple(self[place : place + KEY_BYTES] for place in range(HEAD + KEY_BYTES, self._named, KEY_BYTES))

    @property
    def common(self) -> tuple[bytes, ...]:
        return tuple(surname for place, surname in enumerate(self.surnames) if self[1] >> place & 1)

    @property
    def birth(self) -> bytes:
        return self[self._named : self._named + KEY_BYTES * self[3]]

    @property
    def tokens(self) -> bytes:
        return self[self._named + KEY_BYTES * self[3] :]

    @property
    def _named(self) -> int:
        """Where the surnames end."""
        return HEAD + KEY_BYTES * (1 + self[2])

    @property
    def has_curp(self) -> bool:
        return bool(self.traits & 1)

    @property
    def contradiction(self) -> bool:
        """Whether the CURP is not one that this person can have."""
        return bool(self.traits & 2)

    @property
    def minor(self) -> bool:
        return bool(self.traits & 4)

    @property
    def guardian(self) -> bool:
        return bool(self.traits & 8)


def traits_of(*, has_curp: bool, contradiction: bool, minor: bool, guardian: bool) -> int:
    """The number in ``Person.traits``, which is kept in rows."""
    return has_curp + 2 * contradiction + 4 * minor + 8 * guardian


@lru_cache(maxsize=30_000)
def _short_key(kind: str, text: str) -> bytes:
    return keyed_hash(kind, text)[:KEY_BYTES]


def email_shape(address: str) -> str:
    """How an address is built: ``citas.juan07@x.mx`` and ``citas.ana12@x.mx`` have one shape, ``a.a99@x.mx``.

    Letters become one ``a`` for each run, each digit stays a ``9``; providers with millions of users count as one.
    """
    local, _, domain = address.rpartition("@")
    shape = re.sub(r"\d", "9", re.sub(r"[^\W\d_]+", "a", local))
    return f"{shape}@{'*' if domain in PROVIDERS else domain}"


def mailbox_of(address: str) -> Mailbox:
    canonical = canonical_email(address)
    domain = canonical.rpartition("@")[2]
    return Mailbox(
        key=keyed_hash("email", canonical)[:KEY_BYTES],
        domain=intern(_short_key("domain", domain).hex()),
        shape=intern(_short_key("shape", email_shape(canonical)).hex()),
        disposable=domain in blocklist,
    )


def _plain_number(text: str) -> str:
    """E.164 of a number in the everyday form of the two countries, which needs no table; else empty."""
    digits = re.sub(r"[\s().-]", "", text)
    if re.fullmatch(r"\+(1|521?)[2-9]\d{9}", digits):
        return digits
    if re.fullmatch(r"1?[2-9]\d{9}", digits):
        return f"+1{digits[-10:]}"
    return ""


def phone_key(text: str) -> bytes:
    """The key of a phone as typed: E.164, the old Mexican ``+52 1`` folded to ``+52``."""
    number = _plain_number(text)
    try:
        number = number or canonical_phone(text)
    except ValidationError:
        number = re.sub(r"\D", "", text)
    if number.startswith("+521") and len(number) == 14:
        number = "+52" + number[4:]
    return _short_key("phone", number)


def _contradicts(applicant: Applicant) -> bool:
    """Whether the CURP is one that this person cannot have; an unreadable birth date contradicts nothing."""
    if not applicant.curp:
        return False
    try:
        born = date.fromisoformat(applicant.birth_date)
    except ValueError:
        return False
    try:
        compact = check_curp(applicant.curp, birth_date=born)
    except CurpProblem:
        return True
    said = Identity(applicant.given_names, applicant.surname_1, applicant.surname_2, born, applicant.sex)
    return bool(contradictions(compact, said))


def _is_minor(birth_date: str, t: int) -> bool:
    try:
        born = date.fromisoformat(birth_date)
    except ValueError:
        return False
    return t < (datetime(born.year + 18, born.month, min(born.day, 28), tzinfo=UTC).timestamp() * 1000)


def person_of(applicant: Applicant, t: int) -> Person:
    """The applicant as keys; under eighteen at ``t`` (ms UTC) is a minor, declared or not."""
    surnames = fold_name(f"{applicant.surname_1} {applicant.surname_2}")
    given = fold_name(applicant.given_names)
    named = f"{' '.join(sorted(given + surnames))}|{applicant.birth_date}"
    return Person(
        key=keyed_hash("person", named)[:KEY_BYTES],
        surnames=tuple(_short_key("surname", name) for name in surnames),
        common=tuple(_short_key("surname", name) for name in surnames if name in COMMON_SURNAMES),
        tokens=b"".join(_short_key("name", name)[:TOKEN_BYTES] for name in sorted(given + surnames)),
        birth=_short_key("birth", applicant.birth_date) if applicant.birth_date else b"",
        traits=traits_of(
            has_curp=bool(applicant.curp),
            contradiction=_contradicts(applicant),
            minor=applicant.minor or _is_minor(applicant.birth_date, t),
            guardian=applicant.guardian,
        ),
    )


def names_of(person: Person) -> set[bytes]:
    """The person's names as keys, to count how many of them two people share."""
    return {person.tokens[place : place + TOKEN_BYTES] for place in range(0, len(person.tokens), TOKEN_BYTES)}
