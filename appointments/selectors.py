"""Reads of the demand side: what a hold keeps, what an account has, and where to go when a time is gone."""

from dataclasses import dataclass
from datetime import date, datetime
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import Prefetch
from django.urls import reverse
from django.utils.translation import gettext as _

from appointments.models import Applicant, Appointment, Attendee, CapOverride, Hold, WaitingOffer
from appointments.models.appointment import AppointmentQuerySet
from appointments.services.applicants import age_on
from appointments.services.recount import ACTION, HEARTBEAT
from consulates.models import Procedure, Session, Slot
from consulates.wording import local_day
from mexitel.accounts.models import User
from mexitel.audit.models import AuditLine
from mexitel.outbox.models import Heartbeat
from mexitel.utils.calendar import long_date


@dataclass(frozen=True)
class HeldParty:
    """Where and when a hold's people would attend; ``times`` are parallel to its seats."""

    session: Session
    times: list[datetime]

    @property
    def day(self) -> date:
        return self.session.date

    @property
    def different_times(self) -> list[datetime]:
        return sorted(set(self.times))


def held_party(held: Hold) -> HeldParty:
    slots = Slot.objects.select_related("session__consulate").in_bulk(set(held.slot_ids))
    times = [slots[slot_id].starts_at for slot_id in held.slot_ids]
    return HeldParty(session=slots[held.slot_ids[0]].session, times=times)


def appointments_to_move(held: Hold) -> list[Appointment]:
    """The appointments that a move would re-point, in the order of the hold's seats."""
    found = {
        appointment.pk: appointment for appointment in Appointment.objects.for_pages().filter(pk__in=held.replaces)
    }
    return [found[pk] for pk in held.replaces]


def party_id_of(held: Hold) -> UUID:
    """The party that a confirmed hold made, or whose appointments it moved."""
    if not held.replaces:
        return held.pk
    return Appointment.objects.values_list("party_id", flat=True).get(pk=held.replaces[0])


def saved_applicants(account: User) -> list[Applicant]:
    """The account's saved people, as they were added."""
    return list(Applicant.objects.filter(account=account, removed_at=None).order_by("pk"))


def age_of(person: Applicant | Attendee, *, on: date) -> int:
    """Completed years on a day."""
    return age_on(on, date.fromisoformat(person.birth_date))


def own_appointments(account: User) -> AppointmentQuerySet:
    attendees = Prefetch("attendees", queryset=Attendee.objects.order_by("position"))
    return (
        Appointment.objects.filter(account=account)
        .select_related("procedure", "consulate", "session__consulate")
        .prefetch_related(attendees)
    )


@dataclass(frozen=True)
class Party:
    """Appointments that were booked together and still stand together."""

    appointments: list[Appointment]

    @property
    def first(self) -> Appointment:
        return self.appointments[0]

    @property
    def together(self) -> bool:
        return len(self.appointments) > 1


def upcoming_parties(account: User, *, now: datetime) -> list[Party]:
    """What the account has to come, soonest first; those of one party in one session are one entry."""
    parties: dict[tuple, list[Appointment]] = {}
    for appointment in own_appointments(account).upcoming(now=now).order_by("starts_at", "pk"):
        parties.setdefault((appointment.party_id, appointment.session_id), []).append(appointment)
    return [Party(appointments) for appointments in parties.values()]


def earlier_appointments(account: User, *, now: datetime, limit: int = 20) -> list[Appointment]:
    """What is over or was cancelled, latest first."""
    over = own_appointments(account).exclude(pk__in=own_appointments(account).upcoming(now=now).values("pk"))
    return list(over.order_by("-starts_at")[:limit])


def party_of(appointment: Appointment, *, now: datetime) -> Party:
    """The appointment with those that were booked with it and are still to come in the same session."""
    mates = own_appointments(appointment.account).upcoming(now=now)
    mates = mates.filter(party_id=appointment.party_id, session_id=appointment.session_id).order_by("starts_at", "pk")
    return Party(list(mates) or [appointment])


def ids_to_move(account: User, appointment_id: UUID | None, *, now: datetime) -> list[UUID]:
    """The account's appointment and its party; empty for None. Of what is not theirs only the id, which the claim then
    refuses.
    """
    if appointment_id is None:
        return []
    own = own_appointments(account).filter(pk=appointment_id).first()
    return [one.pk for one in party_of(own, now=now).appointments] if own else [appointment_id]


def open_holds(account: User, *, now: datetime) -> list[Hold]:
    """What the booker has begun; what was proposed to them, or won in a draw, has a page of its own."""
    found = Hold.objects.open(now=now).filter(account=account).exclude(origin__in=["closure", "draw", "waiting"])
    return list(found.select_related("procedure").order_by("expires_at"))


def waiting_offer_of(held: Hold) -> WaitingOffer | None:
    """The offer of the waiting list that a hold keeps seats for; None for what a booker chose."""
    return WaitingOffer.objects.filter(hold_id=held.pk).first() if held.origin == "waiting" else None


def helper_of(appointment: Appointment) -> str:
    """The registered helper who booked it for somebody, by the name that those whom they help read; else nothing."""
    if appointment.agent_id is not None:
        return ""
    at = appointment.created_at
    helping = CapOverride.objects.filter(
        account=appointment.account_id, kind=CapOverride.Kind.HELPER, created_at__lte=at, until__gt=at
    )
    return next((one.shown_name for one in helping), "")


def search_again(held: Hold) -> str:
    """The search that led to a hold, as far as the hold knows it: procedure, party and the city of its office."""
    office = held_party(held).session.consulate
    asked = {"tramite": held.procedure.code, "personas": held.party, "lugar": f"{office.city}, {office.state}"}
    return f"{reverse('search')}?{urlencode(asked)}"


def ways_out(slot_id: int, procedure: Procedure, *, party: int) -> list[dict]:
    """Links that help when a time is gone: the same day, the office, and the search. Never a bare "no"."""
    search = {
        "href": f"{reverse('search')}?tramite={procedure.code}&personas={party}",
        "text": _("Search in all offices"),
    }
    slot = Slot.objects.select_related("session", "consulate").filter(pk=slot_id).first()
    if slot is None:
        return [search]
    query = f"?tramite={procedure.code}&personas={party}"
    day = local_day(slot.starts_at, slot.session.time_zone)
    return [
        {
            "href": reverse("office_day", args=[slot.consulate.code, day]) + query,
            "text": _("Other times on %(day)s") % {"day": long_date(day)},
        },
        {
            "href": reverse("office", args=[slot.consulate.code]) + query,
            "text": _("Other days at %(office)s") % {"office": slot.consulate.name},
        },
        search,
    ]


@dataclass(frozen=True)
class LastRecount:
    """When permits were last compared with appointments, and what did not agree then: counts by kind, or nothing."""

    at: datetime
    difference: dict[str, int]


def last_recount() -> LastRecount | None:
    """For the status page; None when no recount ever ran."""
    beat = Heartbeat.objects.filter(name=HEARTBEAT).first()
    if beat is None:
        return None
    line = AuditLine.objects.filter(action=ACTION, at=beat.seen_at).first()
    return LastRecount(at=beat.seen_at, difference=line.detail if line else {})
