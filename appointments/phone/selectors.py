"""What an agent reads out and sees in a call: free times, and those of the caller's appointments that they may see."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from appointments import selectors
from appointments.models import Appointment
from appointments.phone import spoken
from appointments.phone.call import Call
from consulates.models import Consulate, Procedure, Session
from consulates.parties import Choice
from consulates.selectors import office_day, office_month, soonest
from consulates.wording import local_day
from mexitel.accounts.models import User

# One for each key from 1 to 9.
MOST = 9
DAYS_AHEAD = 60
TIMES_A_DAY = 3


@dataclass(frozen=True)
class Offer:
    """A time to read out; ``key`` chooses it."""

    key: int
    when: str
    where: str
    far: str
    slots: str
    office: str
    day: date


def offers(wish: dict[str, Any], *, procedure: Procedure, party: int, now: datetime) -> list[Offer]:
    """The earliest time in each place near the caller, as the public search finds them. ``wish`` is cleaned data."""
    hits = soonest(
        now=now,
        procedure=procedure,
        near=wish["lugar"],
        weekend=wish["fin_de_semana"],
        party=party,
        order=wish["orden"],
        limit=MOST,
    )
    return [_offer(number, hit.session, hit.choice, hit.miles) for number, hit in enumerate(hits, start=1)]


def offers_of(office: Consulate, *, first: date, procedure: Procedure, party: int, now: datetime) -> list[Offer]:
    """Times of one office from the day ``first`` on, a few of each day."""
    start = max(first, local_day(now, office.time_zone))
    days = office_month(office, first=start, last=start + timedelta(days=DAYS_AHEAD), now=now, procedure=procedure)
    found: list[tuple[Session, Choice]] = []
    for day in days.values():
        if len(found) >= MOST:
            break
        if day.free < party:
            continue
        for session in office_day(office, day.day, now=now, procedure=procedure, party=party):
            spread = max(1, len(session.choices) // TIMES_A_DAY)
            found += [(session.session, choice) for choice in session.choices[::spread][:TIMES_A_DAY]]
    return [_offer(number, session, choice, None) for number, (session, choice) in enumerate(found[:MOST], start=1)]


def _offer(key: int, session: Session, choice: Choice, miles: float | None) -> Offer:
    return Offer(
        key=key,
        when=spoken.when(choice.starts_at, session.time_zone),
        where=spoken.where(session),
        far=spoken.how_far(miles),
        slots=choice.value,
        office=session.consulate.code,
        day=session.date,
    )


@dataclass(frozen=True)
class Shown:
    """The caller's appointments to come: those that this agent may see, and how many there are besides."""

    parties: Sequence[selectors.Party]
    elsewhere: int

    @property
    def count(self) -> int:
        return sum(len(party.appointments) for party in self.parties)


def shown_to_agent(caller: User, call: Call, *, now: datetime) -> Shown:
    """Those in the agent's offices (the scope of the page), and those that were booked in this very call."""
    mine = set(Appointment.staff.filter(account=caller).values_list("pk", flat=True))
    parties, elsewhere = [], 0
    for party in selectors.upcoming_parties(caller, now=now):
        seen = [one for one in party.appointments if one.pk in mine or str(one.pk) in call.booked]
        elsewhere += len(party.appointments) - len(seen)
        if seen:
            parties.append(selectors.Party(seen))
    return Shown(parties, elsewhere)


def party_shown(caller: User, call: Call, appointment_id: object, *, now: datetime) -> selectors.Party | None:
    """The party of an appointment that this agent may change; None for any other, as if it did not exist."""
    for party in shown_to_agent(caller, call, now=now).parties:
        if any(one.pk == appointment_id for one in party.appointments):
            return party
    return None
