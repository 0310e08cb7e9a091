"""Pure: the lines of EVENTS.jsonl (antifraud/EVENTS.md, section 1) as small immutable facts.

Moments are whole milliseconds since 1970, UTC: exact, small, and the same in every time zone.
"""

import json
import logging
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from functools import lru_cache
from sys import intern
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from antifraud.identities import Mailbox

logger = logging.getLogger(__name__)

SECOND = 1000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR


class BadLine(ValueError):
    """Line ``number`` (from 1) of the input cannot be read; ``problem`` says why."""

    def __init__(self, number: int, problem: str) -> None:
        super().__init__(f"line {number}: {problem}")
        self.number, self.problem = number, problem


class Applicant(NamedTuple):
    """Who will attend, as typed. ``birth_date`` is the text of the input, ISO 8601 or empty."""

    given_names: str
    surname_1: str
    surname_2: str
    birth_date: str
    sex: str
    curp: str
    minor: bool
    guardian: bool


class Event(NamedTuple):
    """One fact. ``kind`` says which of the fields after ``agent`` mean something; the others are empty.

    A file says ``email`` and ``phone`` as typed; the portal ``mailbox`` and ``phone_key``, which derive from them.
    """

    t: int
    kind: str
    channel: str = ""
    account: str = ""
    email: str = ""
    phone: str = ""
    device: str = ""
    prefix: str = ""
    asn_kind: str = ""
    agent: str = ""
    hold: str = ""
    appointment: str = ""
    group: str = ""
    slot: str = ""
    seat: str = ""
    office: str = ""
    starts_at: int | None = None
    visible_at: int | None = None
    until: int | None = None
    origin: str = ""
    applicant: Applicant | None = None
    fill_s: float | None = None
    by: str = ""
    refused: bool = False
    devices: tuple[str, ...] = ()
    verdict: str = ""
    mailbox: "Mailbox | None" = None
    phone_key: bytes = b""


# What each kind cannot do without; everything else may be unknown.
REQUIRED: dict[str, tuple[str, ...]] = {
    "register": ("account",),
    "verify_phone": ("account", "phone"),
    "poll": (),
    "hold": ("hold",),
    "expire": ("hold",),
    "book": ("appointment",),
    "correct": ("appointment",),
    "move": ("appointment",),
    "cancel": ("appointment",),
    "attend": ("appointment",),
    "no_show": ("appointment",),
    "other_person": ("appointment",),
    "helper": ("account",),
    "drive": (),
    "public_device": (),  # a history without devices still has its marks
    "review": ("verdict",),
}
_TEXTS = frozenset(
    [
        "channel",
        "account",
        "email",
        "phone",
        "device",
        "prefix",
        "asn_kind",
        "agent",
        "hold",
        "appointment",
        "group",
        "slot",
        "seat",
        "office",
        "origin",
        "by",
        "verdict",
    ]
)
# The same few texts in millions of lines are kept once; what most lines have for themselves would only fill the table.
_REPEATED = frozenset({"channel", "prefix", "asn_kind", "agent", "office", "origin", "slot", "by", "verdict"})
_MOMENTS = frozenset({"starts_at", "visible_at", "until"})


@lru_cache(maxsize=20_000)
def _shared_moment(text: str) -> int:
    """``moment`` for times that many appointments have: one number is kept for all."""
    return moment(text)


def moment(text: str) -> int:
    """Milliseconds since 1970 of an ISO 8601 moment; one without a zone is UTC. Raises ValueError."""
    parsed = datetime.fromisoformat(text)
    if parsed.tzinfo is None:
        parsed = parsed.replace(tzinfo=UTC)
    return round(parsed.timestamp() * 1000)


def moment_text(t: int) -> str:
    """The inverse of ``moment``: ``2026-03-02T16:00:04.120Z``."""
    return datetime.fromtimestamp(t // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%S") + f".{t % 1000:03d}Z"


def _applicant(raw: dict[str, Any]) -> Applicant:
    return Applicant(
        given_names=str(raw.get("given_names") or ""),
        surname_1=str(raw.get("surname_1") or ""),
        surname_2=str(raw.get("surname_2") or ""),
        birth_date=str(raw.get("birth_date") or ""),
        sex=str(raw.get("sex") or ""),
        curp=str(raw.get("curp") or ""),
        minor=bool(raw.get("minor")),
        guardian=bool(raw.get("guardian")),
    )


def _fields(raw: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    for key, value in raw.items():
        if value is None or value == "":
            continue
        if key in _REPEATED:
            yield key, intern(str(value))
        elif key == "seat":  # mostly the slot with a number: the number is enough beside the slot
            yield key, str(value).removeprefix(str(raw.get("slot") or "")) or "-"
        elif key in _TEXTS:
            yield key, value if isinstance(value, str) else str(value)
        elif key in _MOMENTS:
            yield key, _shared_moment(value)
        elif key == "applicant":
            yield key, _applicant(value)
        elif key == "fill_s":
            yield key, float(value)
        elif key == "refused":
            yield key, bool(value)
        elif key == "devices":
            yield key, tuple(str(device) for device in value)


def parse_event(raw: dict[str, Any]) -> Event:
    """The event in a decoded line of a known kind. Raises KeyError (a required key lacks) or ValueError."""
    kind = raw["kind"]
    for key in REQUIRED[kind]:
        if raw.get(key) is None:
            raise KeyError(key)
    return Event(t=moment(raw["t"]), kind=kind, **dict(_fields(raw)))


def _decode(line: str) -> dict[str, Any]:
    raw = json.loads(line)
    if not isinstance(raw, dict):
        raise ValueError("not a JSON object")
    for key in ("t", "kind"):
        if raw.get(key) is None:
            raise KeyError(key)
    return raw


def read_events(lines: Iterable[str], *, warn: Callable[[str], None] = logger.warning) -> Iterator[Event]:
    """The events of ``lines`` in their order; empty lines are passed over.

    Kinds that we do not know are counted and named to ``warn`` once, after the last line. Raises BadLine at a line
    that is not a JSON object, lacks a key that its kind requires, or holds a value that cannot be read.
    """
    unknown: Counter[str] = Counter()
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            raw = _decode(line)
            if raw["kind"] not in REQUIRED:
                unknown[str(raw["kind"])] += 1
                continue
            yield parse_event(raw)
        except KeyError as error:
            raise BadLine(number, f"lacks the key {error}") from error
        except (ValueError, TypeError, AttributeError) as error:
            raise BadLine(number, str(error)) from error
    for kind, count in sorted(unknown.items()):
        warn(f"{count} lines of the unknown kind {kind!r} were passed over")
