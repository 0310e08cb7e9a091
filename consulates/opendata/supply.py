"""The supply as the bulk files tell it: coarse, by session and procedure, and nothing of any person or any rest."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from functools import lru_cache
from hashlib import sha256

from django.db import connection

from consulates.models import Consulate, Procedure, Session
from consulates.models.slot import ANYBODYS_SEAT_SQL

NONE, FEW, MANY = "none", "few", "many"
MANY_FROM = 10
FREE, BUSY = "free", "busy"
# Around an opening everybody looks: what is free is then as old as a second at most.
BEFORE_OPENING, AFTER_OPENING = timedelta(minutes=1), timedelta(minutes=15)

COUNT = f"""
SELECT session.id, count(*) FILTER (WHERE {ANYBODYS_SEAT_SQL}),
       min(CASE WHEN slot.opens_at > %(now)s THEN slot.opens_at ELSE slot.opens_to_all_at END) FILTER (
           WHERE slot.closed_at IS NULL AND slot.starts_at > %(now)s
             AND (slot.opens_at > %(now)s AND slot.opens_at < slot.starts_at
                  OR slot.gate <> 'open' AND slot.opens_to_all_at > %(now)s))
FROM consulates_session session
JOIN consulates_slot slot ON slot.session_id = session.id
JOIN consulates_seat seat ON seat.slot_id = slot.id
WHERE session.status = 'published' AND session.ends_at > %(now)s
GROUP BY session.id
"""  # noqa: S608 (constants of this project)


@dataclass(frozen=True)
class Day:
    """One session with the codes of what it serves. ``free`` seats can be had by anybody now; ``opens_at`` is when more
    of it can be, if that is to come.
    """

    session: Session
    procedures: tuple[str, ...]
    free: int
    opens_at: datetime | None

    @property
    def availability(self) -> str:
        return NONE if not self.free else MANY if self.free >= MANY_FROM else FEW

    @property
    def status(self) -> str:
        return FREE if self.free else BUSY


@dataclass(frozen=True)
class Supply:
    days: tuple[Day, ...]
    procedures: dict[str, Procedure]
    offices: tuple[Consulate, ...]

    @classmethod
    def read(cls, now: datetime) -> "Supply":
        """In a query for each procedure and three more, however many seats there are."""
        real = Session.objects.published().not_over(now=now).filter(consulate__is_practice=False)
        procedures = {one.code: one for one in Procedure.objects.bookable().order_by("position", "code")}
        served: dict[int, list[str]] = defaultdict(list)
        for code, procedure in procedures.items():
            for session in real.offering(procedure).values_list("pk", flat=True):
                served[session].append(code)
        with connection.cursor() as cursor:
            cursor.execute(COUNT, {"now": now})
            counted = {session: (free, opens_at) for session, free, opens_at in cursor.fetchall()}
        sessions = real.select_related("consulate").order_by("starts_at", "pk")
        days = tuple(
            Day(session, tuple(served[session.pk]), *counted.get(session.pk, (0, None)))
            for session in sessions
            if served[session.pk]
        )
        offices = tuple(Consulate.objects.working_on(now.date()).order_by("state", "code"))
        return cls(days, procedures, offices)

    @classmethod
    def read_lately(cls, now: datetime) -> "Supply":
        """One reading for all files that are asked for in the same second."""
        return _reading(int(now.timestamp()), now.tzinfo)

    @property
    def states(self) -> list[str]:
        return sorted({day.session.state for day in self.days} | {office.state for office in self.offices})


@lru_cache(maxsize=1)
def _reading(second: int, zone: tzinfo) -> Supply:
    return Supply.read(datetime.fromtimestamp(second, zone))


def place_of(session: Session) -> str:
    """The id of the place where a session is held: the office's own, or one of a town and hall."""
    office = session.consulate
    own = (office.city, "", office.state)
    here = (session.city, session.place_name, session.state)
    if here == own:
        return office.code
    mark = sha256("|".join((*here, session.street_address)).encode()).hexdigest()[:10]
    return f"{office.code}-{mark}"
