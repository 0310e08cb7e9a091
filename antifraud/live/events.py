"""The portal's facts as events of the engine (antifraud/EVENTS.md), in batches.

Who attends is read from appointments when it is needed, and leaves this process as keys alone. The practice office is
left out. A party's hold becomes one hold for each seat, since the engine follows seats; let go, it counts once.
"""

import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from antifraud.events import Applicant, Event, moment
from antifraud.identities import Mailbox, mailbox_of, phone_key
from antifraud.live.keyed import from_detail
from antifraud.live.reading import LEDGER, Row
from appointments.enums import Channel
from appointments.models import Attendee, Caller, Trace
from consulates.models import Slot
from mexitel.accounts.models import User

logger = logging.getLogger(__name__)

CHANNELS: dict[str, str] = {Channel.WEB: "web", Channel.API: "web", Channel.PHONE: "phone", Channel.COUNTER: "counter"}
# Seats that their booker did not choose by watching for them.
ORIGINS = {"closure": "offer", "emergency": "offer", "waiting": "offer", "walk_in": "agent"}


class Time(NamedTuple):
    """A bookable time: the office's code and when it begins."""

    office: str
    starts_at: int


@dataclass
class Known:
    """What a batch of rows points to, read at once."""

    times: dict[int, Time] = field(default_factory=dict)
    traces: dict[tuple[UUID, datetime], Trace] = field(default_factory=dict)
    people: dict[UUID, Applicant] = field(default_factory=dict)
    mailboxes: dict[int, Mailbox] = field(default_factory=dict)
    stated: dict[int, bytes] = field(default_factory=dict)


def events_of(rows: Sequence[Row]) -> list[Event]:
    """In the order of time; of one moment, in the order of ``rows``. A sighting that cannot be read is passed over."""
    known = _look_up(rows)
    events: list[Event] = []
    for row in rows:
        make = _LEDGER.get(row.kind) if row.stream == LEDGER else _SIGHTINGS.get(row.kind)
        if make is None:
            continue
        try:
            events += make(row, known)
        except (KeyError, ValueError, TypeError) as error:
            logger.error("%s %s of stream %s cannot be read: %s", row.kind, row.id, row.stream, type(error).__name__)
    return sorted(events, key=lambda event: event.t)


def ms(at: datetime) -> int:
    return round(at.timestamp() * 1000)


# What rows point to -----------------------------------------------------------------------------------------------


def _look_up(rows: Sequence[Row]) -> Known:
    ledger = [row for row in rows if row.stream == LEDGER]
    named = [row.subject for row in ledger if row.kind in {"booked", "corrected"}]
    named += [row.subject for row in rows if row.stream != LEDGER and row.kind == "correct"]
    return Known(
        times=_times({slot for row in ledger for slot in _slots(row)}),
        traces=_traces(ledger),
        people=_people(one for one in named if one),
        **_contacts({row.account_id for row in ledger if row.account_id and row.kind == "held"}),
    )


def _slots(row: Row) -> list[int]:
    return row.detail.get("slots") or ([row.detail["slot"]] if "slot" in row.detail else [])


def _times(slots: set[int]) -> dict[int, Time]:
    """Without the practice office's: its people are invented."""
    found = Slot.objects.filter(pk__in=slots, consulate__is_practice=False)
    return {
        pk: Time(code, ms(starts_at)) for pk, code, starts_at in found.values_list("pk", "consulate__code", "starts_at")
    }


def _traces(ledger: Sequence[Row]) -> dict[tuple[UUID, datetime], Trace]:
    """By hold and moment."""
    holds = {hold for row in ledger if (hold := _traced(row)) is not None}
    if not holds:
        return {}
    moments = [row.at for row in ledger]
    found = Trace.objects.filter(subject__in=holds, at__range=(min(moments), max(moments)))
    return {(trace.subject, trace.at): trace for trace in found}


def _traced(row: Row) -> UUID | None:
    if row.kind == "booked":
        return UUID(row.detail["hold"])
    return row.subject if row.kind == "held" else None


def _people(appointments: Iterable[UUID]) -> dict[UUID, Applicant]:
    """Who attends, the principal of each; nobody once retention has taken the names out."""
    found = Attendee.objects.filter(appointment__in=set(appointments), position=1).exclude(given_names="")
    return {
        one.appointment_id: Applicant(
            given_names=one.given_names, surname_1=one.surname_1, surname_2=one.surname_2, birth_date=one.birth_date,
            sex="", curp=one.curp, minor=one.is_minor, guardian=bool(one.guardian_name),
        )
        for one in found
    }  # fmt: skip


def _contacts(accounts: set[int]) -> dict[str, dict[int, Any]]:
    """Of whoever holds: the mailbox, should its sign-up have gone unheard, and the phone that a caller states."""
    emails = User.objects.filter(pk__in=accounts, email__isnull=False).values_list("pk", "email")
    callers = Caller.objects.filter(account__in=accounts).exclude(phone_hash=None)
    return {
        "mailboxes": {pk: mailbox_of(email) for pk, email in emails if email},
        "stated": {caller.account_id: phone_key(caller.phone) for caller in callers if caller.phone},
    }


# Rows of the ledger -----------------------------------------------------------------------------------------------


def _base(row: Row) -> dict[str, Any]:
    return {
        "t": ms(row.at),
        "account": str(row.account_id) if row.account_id else "",
        "channel": CHANNELS.get(row.channel, ""),
        "agent": str(row.detail.get("agent") or ""),
    }


def _seen(trace: Trace | None) -> dict[str, Any]:
    return {"device": trace.device, "prefix": trace.prefix, "asn_kind": trace.asn_kind} if trace else {}


def _seat(slot: int, seat: int, time: Time) -> dict[str, Any]:
    return {"slot": str(slot), "seat": str(seat), "office": time.office, "starts_at": time.starts_at}


def seat_hold(hold: object, seat: object) -> str:
    """The engine's name of one seat of a hold."""
    return f"{hold}/{seat}"


def _held(row: Row, known: Known) -> Iterator[Event]:
    detail, account = row.detail, row.account_id or 0
    trace = known.traces.get((row.subject, row.at)) if row.subject else None
    for slot, seat in zip(detail["slots"], detail["seats"], strict=True):
        if slot not in known.times:
            continue
        yield Event(
            kind="hold", hold=seat_hold(row.subject, seat), visible_at=moment(detail["visible_at"]),
            origin=_origin(detail), mailbox=known.mailboxes.get(account), phone_key=known.stated.get(account, b""),
            **_base(row), **_seat(slot, seat, known.times[slot]), **_seen(trace),
        )  # fmt: skip


def _origin(detail: dict[str, Any]) -> str:
    origin = detail.get("origin") or ("replacement" if detail.get("replaces") else "public")
    return ORIGINS.get(origin, origin)


def _released(row: Row, known: Known) -> Iterator[Event]:
    """Left by its booker: as if it had run out. A move that somebody thought better of is nothing."""
    if row.detail.get("seats") and not row.detail.get("replaces"):
        yield Event(kind="expire", hold=seat_hold(row.subject, row.detail["seats"][0]), **_base(row))


def _booked(row: Row, known: Known) -> Iterator[Event]:
    detail = row.detail
    if row.subject is None or detail["slot"] not in known.times:
        return
    trace = known.traces.get((UUID(detail["hold"]), row.at))
    fills = dict(enumerate(trace.fill_seconds, start=1)) if trace else {}
    yield Event(
        kind="book", appointment=str(row.subject), hold=seat_hold(detail["hold"], detail["seat"]), group=detail["hold"],
        applicant=known.people.get(row.subject), fill_s=fills.get(detail.get("place", 1)),
        **_base(row), **_seat(detail["slot"], detail["seat"], known.times[detail["slot"]]), **_seen(trace),
    )  # fmt: skip


def _moved(row: Row, known: Known) -> Iterator[Event]:
    slot = row.detail["slot"]
    if slot in known.times:
        where = _seat(slot, row.detail["seat"], known.times[slot])
        yield Event(kind="move", appointment=str(row.subject), **_base(row), **where)


def _cancelled(row: Row, known: Known) -> Iterator[Event]:
    by = "booker" if row.detail.get("by") == "booker" else "staff"
    yield Event(kind="cancel", appointment=str(row.subject), by=by, **_base(row))


def _corrected(row: Row, known: Known) -> Iterator[Event]:
    """What was changed is read as it stands; of what was refused only that it was tried."""
    refused = bool(row.detail.get("refused"))
    applicant = known.people.get(row.subject) if row.subject and not refused else None
    if row.detail["position"] == 1 or refused:
        yield Event(kind="correct", appointment=str(row.subject), refused=refused, applicant=applicant, **_base(row))


_LEDGER = {
    "held": _held,
    "released": _released,
    "booked": _booked,
    "moved": _moved,
    "cancelled": _cancelled,
    "corrected": _corrected,
}


# Sightings --------------------------------------------------------------------------------------------------------


def _fact(row: Row, **more: Any) -> Event:
    detail = row.detail
    base = _base(row) | {"channel": detail.get("channel", "")}
    seen = {name: detail[name] for name in ("device", "prefix", "asn_kind") if detail.get(name)}
    appointment = str(row.subject) if row.subject else ""
    return Event(kind=row.kind, appointment=appointment, **base | seen | more)


def _register(row: Row, known: Known) -> Iterator[Event]:
    yield _fact(row, mailbox=from_detail(row.detail), phone_key=bytes.fromhex(row.detail.get("phone", "")))


def _verify_phone(row: Row, known: Known) -> Iterator[Event]:
    yield _fact(row, phone_key=bytes.fromhex(row.detail["phone"]))


def _expire(row: Row, known: Known) -> Iterator[Event]:
    yield _fact(row, hold=row.detail["hold"])


def _correct(row: Row, known: Known) -> Iterator[Event]:
    """What was changed is read as it stands; what was refused was never kept."""
    refused = bool(row.detail.get("refused"))
    applicant = known.people.get(row.subject) if row.subject and not refused else None
    yield _fact(row, refused=refused, applicant=applicant)


def _helper(row: Row, known: Known) -> Iterator[Event]:
    until = row.detail.get("until")
    yield _fact(row, until=moment(until) if until else None)


def _drive(row: Row, known: Known) -> Iterator[Event]:
    devices = tuple(str(device) for device in row.detail["devices"])
    until = row.detail.get("until")
    yield _fact(row, devices=devices, until=moment(until) if until else None, office=str(row.detail.get("office", "")))


def _review(row: Row, known: Known) -> Iterator[Event]:
    yield _fact(row, verdict=row.detail["verdict"])


def _plain(row: Row, known: Known) -> Iterator[Event]:
    yield _fact(row)


_SIGHTINGS = {
    "register": _register,
    "verify_phone": _verify_phone,
    "expire": _expire,
    "correct": _correct,
    "attend": _plain,
    "no_show": _plain,
    "other_person": _plain,
    "helper": _helper,
    "drive": _drive,
    "public_device": _plain,
    "review": _review,
}
