"""What the claim has just written, as the rows that it wrote, without asking for them again."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from appointments.enums import AppointmentStatus
from appointments.models import Appointment, Attendee, Hold
from appointments.selectors import HeldParty
from appointments.services import Entry
from appointments.services.applicants import columns_of
from appointments.services.confirm import Booked
from appointments.services.hold import HeldParty as Held
from consulates.models import Procedure


def just_held(held: Held, typed: Mapping[str, Any], procedure: Procedure) -> Hold:
    """``typed`` is what was asked for: ``slots``, a list of Wish, and ``replaces``."""
    return Hold(
        pk=held.hold_id,
        procedure=procedure,
        slot_ids=[wish.slot_id for wish in typed["slots"] for _seat in range(wish.seats)],
        replaces=typed["replaces"],
        expires_at=held.expires_at,
        extended=held.extended,
        outcome="",
    )


def just_booked(
    booked: Booked, hold: Hold, party: HeldParty, people: Sequence[Sequence[Entry]], *, now: datetime
) -> list[Appointment]:
    """The appointments of a confirmation that was no replay, with their attendees. Not to be saved."""
    made = [
        Appointment(
            pk=pk,
            reference=reference,
            party_id=hold.pk,
            procedure=hold.procedure,
            consulate=party.session.consulate,
            session=party.session,
            status=AppointmentStatus.BOOKED,
            created_at=now,
            starts_at=starts_at,
            until=party.session.ends_at,
        )
        for pk, reference, starts_at in zip(booked, booked.references, party.times, strict=True)
    ]
    for appointment, entries in zip(made, people, strict=True):
        attendees = [Attendee(**columns_of(entry, today=party.day)) for entry in entries]
        appointment._prefetched_objects_cache = {"attendees": attendees}  # type: ignore[attr-defined]
    return made
