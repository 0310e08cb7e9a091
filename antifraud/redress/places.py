"""The times that a priority token may choose from, and the one act that takes a place with it.

They are the soonest within reach, with what is kept for the telephone and with seats that somebody let go of a moment
ago and that nobody else sees yet. Taken through the claim like every seat (appointments/sql/07_redress.sql).
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection

from antifraud.models import PriorityToken
from appointments.claim import Answer, claim_one
from appointments.closing.equivalents import FURTHEST_MILES
from appointments.enums import Channel
from appointments.errors import raise_for
from appointments.models import Appointment, Attendee
from appointments.services import HOLD_LENGTH, Entry
from appointments.services.applicants import person_for_claim
from appointments.services.hold import request_for
from consulates.models import Pool, Session, Slot
from consulates.models.slot import NO_QUEUE_SQL, OPEN_SLOT_SQL
from consulates.selectors import HORIZON_DAYS, miles_between
from consulates.wording import clock, local_day, short_date, zone_label
from mexitel.accounts.models import User

POOLS = (Pool.PUBLIC, Pool.PHONE)
ORIGIN = "redress"
# Somebody has to read the page and come.
NOTICE = timedelta(hours=3)
MOST, MOST_OF_ONE_SESSION = 12, 3


@dataclass(frozen=True)
class Place:
    slot_id: int
    starts_at: datetime
    session: Session

    @property
    def text(self) -> str:
        """``martes 24 de noviembre, 9:30 a.m. (hora central), Consulado de México en Dallas``"""
        zone_name = self.session.time_zone
        day = short_date(local_day(self.starts_at, zone_name))
        where = self.session.place_name or self.session.consulate.name
        return f"{day}, {clock(self.starts_at, zone_name)} ({zone_label(zone_name)}), {where}"


SOONEST = f"""
SELECT id, session_id, starts_at FROM (
    SELECT slot.id, slot.session_id, slot.starts_at,
           row_number() OVER (PARTITION BY slot.session_id ORDER BY slot.starts_at) AS place
    FROM consulates_slot slot
    WHERE slot.session_id = ANY (%(sessions)s) AND {OPEN_SLOT_SQL} AND {NO_QUEUE_SQL} AND slot.starts_at > %(from)s
      AND count_resting_seats(slot.id, %(pools)s, %(now)s) > 0
) AS found
WHERE place <= %(each)s ORDER BY starts_at, id LIMIT %(most)s
"""  # noqa: S608 - constants of this project


def soonest_places(token: PriorityToken, *, now: datetime) -> list[Place]:
    """At most MOST, soonest first, a few of each session."""
    sessions = _sessions_near(token, now=now)
    asked: dict[str, Any] = {
        "sessions": list(sessions), "now": now, "from": now + NOTICE, "pools": [str(pool) for pool in POOLS],
        "each": MOST_OF_ONE_SESSION, "most": MOST,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(SOONEST, asked)
        return [Place(slot, starts_at, sessions[session]) for slot, session, starts_at in cursor.fetchall()]


def _sessions_near(token: PriorityToken, *, now: datetime) -> dict[int, Session]:
    lost = token.appointment.session
    here = (float(lost.latitude), float(lost.longitude))
    found = (
        Session.objects.published()
        .offering(token.procedure)
        .filter(ends_at__gt=now + NOTICE, starts_at__lte=now + timedelta(days=HORIZON_DAYS))
        .filter(consulate__is_practice=lost.consulate.is_practice)
        .select_related("consulate")
    )
    return {
        one.pk: one
        for one in found
        if miles_between(here, (float(one.latitude), float(one.longitude))) <= FURTHEST_MILES
    }


def take_place(token: PriorityToken, *, account: User, slot_id: int, now: datetime, agent: User | None = None) -> UUID:
    """The same people at ``slot_id``, booked by ``account``. The caller has locked the token, and holds a transaction
    that ends with what is raised here: a BookingError.

    The guards of fairness are not asked: a person has looked at this booking already. A block stops it all the same.
    """
    lost = token.appointment
    User.objects.select_for_update(no_key=True).only("pk").get(pk=account.pk)
    slot = Slot.objects.select_related("session").get(pk=slot_id)
    agent_id = agent.pk if agent else None
    held = _ask(
        account, "hold", slots=[{"slot": slot_id, "seats": 1}], procedure=token.procedure_id,
        expires_at=now + HOLD_LENGTH, pools=[str(pool) for pool in POOLS], origin=ORIGIN, supersedes=None, replaces=[],
        instead_of=lost.pk, agent=agent_id, now=now,
    )  # fmt: skip
    booked = _ask(
        account, "confirm", hold=held.facts["hold"], call_reference="", agent=agent_id,
        people=[person_for_claim(_entries(lost), today=slot.session.date)], now=now,
    )  # fmt: skip
    return UUID(booked.facts["appointments"][0])


def _ask(account: User, op: str, *, now: datetime, **facts: object) -> Answer:
    answer = claim_one(request_for(account, op, channel=Channel.WEB, key=None, **facts), now=now)
    raise_for(answer)
    return answer


def principal_of(lost: Appointment) -> Attendee:
    return min(lost.attendees.all(), key=lambda one: one.position)


def _entries(lost: Appointment) -> list[Entry]:
    same = ("given_names", "surname_1", "surname_2", "curp", "guardian_name", "wheelchair", "sign_language",
            "interpreter", "priority")  # fmt: skip
    return [
        Entry(birth_date=date.fromisoformat(one.birth_date), **{name: getattr(one, name) for name in same})
        for one in sorted(lost.attendees.all(), key=lambda one: one.position)
    ]
