"""What a page, a message or a calendar file says about appointments, in the language that is active.

Two levels of openness stand side by side: ``name`` is for the account's own mailbox, ``initials`` for
everything that a link alone can open.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from appointments import links, receipts
from appointments.enums import AppointmentStatus
from appointments.models import Appointment
from consulates.calendars import zone
from consulates.models import Session, Slot
from consulates.requirements import what_to_bring, who_must_come
from consulates.wording import clock, local_day, zone_label
from mexitel.utils.calendar import long_date
from mexitel.utils.signing import own_key


@dataclass(frozen=True)
class Visitor:
    """One appointment: its principal and who attends with them in the same seat."""

    appointment: Appointment
    name: str
    initials: str
    with_names: list[str]
    with_initials: list[str]
    guardian: str
    is_minor: bool
    reference: str
    clock: str
    ends_at: datetime
    is_over: bool

    @property
    def is_cancelled(self) -> bool:
        return self.appointment.status == AppointmentStatus.CANCELLED

    @property
    def needs_new_time(self) -> bool:
        return self.appointment.status == AppointmentStatus.ORPHANED

    @property
    def was_moved(self) -> bool:
        return self.appointment.times_moved > 0

    @property
    def is_good(self) -> bool:
        """Whether it can still be attended: booked, and not begun."""
        return self.appointment.status == AppointmentStatus.BOOKED and not self.is_over

    @property
    def token(self) -> str:
        """Of this appointment's own page, calendar file and QR code."""
        return links.token_for(self.appointment)


@dataclass(frozen=True)
class Place:
    """Where, line by line. ``host`` is the office that serves at a place of another name. ``is_certain`` is false
    when only the city may be said (Consulate.address_is_known).
    """

    name: str
    host: str
    lines: list[str]
    city: str
    is_certain: bool

    def __str__(self) -> str:
        return ", ".join([self.name, *self.lines])


@dataclass(frozen=True)
class Visit:
    """Appointments of one party in one session, in the order of their times."""

    visitors: list[Visitor]
    procedure: str
    procedure_code: str
    place: Place
    office: str
    day: str
    clock: str
    zone: str
    bring: list[str]
    companions: list[str]

    @property
    def first(self) -> Appointment:
        return self.visitors[0].appointment

    @property
    def party_id(self) -> UUID:
        return self.first.party_id

    @property
    def same_time(self) -> bool:
        return len({visitor.clock for visitor in self.visitors}) == 1

    @property
    def good(self) -> list[Visitor]:
        return [visitor for visitor in self.visitors if visitor.is_good]

    @property
    def needs_new_time(self) -> bool:
        return any(visitor.needs_new_time for visitor in self.visitors)

    @property
    def when(self) -> str:
        """``martes 4 de agosto de 2026, 10:30 a.m. (hora del Pacífico)``"""
        return f"{self.day}, {self.clock} ({self.zone})"

    @property
    def receipt_url(self) -> str:
        return links.receipt_url(self.party_id)


def visits_of(appointments: Iterable[Appointment], *, now: datetime) -> list[Visit]:
    """Grouped by party and session, soonest first. Two queries beyond ``for_pages``, however many there are."""
    ordered = sorted(appointments, key=lambda a: (a.starts_at, str(a.pk)))
    ends = dict(Slot.objects.filter(pk__in=[a.slot_id for a in ordered]).values_list("pk", "ends_at"))
    groups: dict[tuple, list[Appointment]] = {}
    for appointment in ordered:
        groups.setdefault((appointment.party_id, appointment.session_id), []).append(appointment)
    return [_visit(group, ends, now) for group in groups.values()]


def _visit(appointments: Sequence[Appointment], ends: dict[int, datetime], now: datetime) -> Visit:
    first = next((a for a in appointments if a.status != AppointmentStatus.CANCELLED), appointments[0])
    session, procedure = first.session, first.procedure
    return Visit(
        visitors=[_visitor(a, ends.get(a.slot_id, a.until), now) for a in appointments],
        procedure=procedure.name,
        procedure_code=procedure.code,
        place=place_of(session),
        office=first.consulate.name,
        day=long_date(local_day(first.starts_at, session.time_zone)),
        clock=clock(first.starts_at, session.time_zone),
        zone=zone_label(session.time_zone),
        bring=[str(sentence) for sentence in what_to_bring(procedure)],
        companions=[str(sentence) for sentence in who_must_come(procedure)],
    )


def _visitor(appointment: Appointment, ends_at: datetime, now: datetime) -> Visitor:
    principal, *others = sorted(appointment.attendees.all(), key=lambda attendee: attendee.position)
    return Visitor(
        appointment=appointment,
        name=principal.full_name,
        initials=initials(principal.full_name),
        with_names=[other.full_name for other in others],
        with_initials=[initials(other.full_name) for other in others],
        guardian=principal.guardian_name,
        is_minor=principal.is_minor,
        reference=grouped(appointment.reference),
        clock=clock(appointment.starts_at, appointment.session.time_zone),
        ends_at=ends_at,
        is_over=appointment.starts_at <= now,
    )


def place_of(session: Session) -> Place:
    """The session's own place, or its office; the street is said only where somebody has verified it."""
    office = session.consulate
    where = office if not session.street_address and not session.is_travelling else session
    certain = office.address_is_known if where is office else bool(session.street_address)
    town = f"{where.city}, {where.state}"
    return Place(
        name=session.place_name or office.name,
        host=office.name if session.place_name else "",
        lines=[where.street_address, f"{town} {where.postal_code}".strip()] if certain else [town],
        city=where.city,
        is_certain=certain,
    )


def grouped(reference: str) -> str:
    """``ABCD-EFGH-J``: three breaths for whoever reads it out."""
    return "-".join(filter(None, [reference[:4], reference[4:8], reference[8:]]))


def initials(name: str) -> str:
    """``A. L. R.``: one letter for each word that begins with a letter."""
    return " ".join(f"{word[0].upper()}." for word in name.split() if word[0].isalpha())


def receipt_token(appointment: Appointment) -> str:
    """The signed receipt of an appointment, for its QR code."""
    principal = min(appointment.attendees.all(), key=lambda attendee: attendee.position)
    return receipts.sign(
        receipts.Receipt(
            reference=appointment.reference,
            office=appointment.consulate.code,
            starts_at=appointment.starts_at.astimezone(zone(appointment.session.time_zone)),
            procedure=appointment.procedure.code,
            person=receipts.person_digest(
                reference=appointment.reference,
                names=[principal.given_names, principal.surname_1, principal.surname_2],
                birth_date=date.fromisoformat(principal.birth_date),
            ),
        ),
        key=own_key(),
    )
