"""Equivalent seats: the same procedure, near the place that was closed, soon, and together in one session."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from consulates.models import Procedure, Session
from consulates.parties import Choice, choices
from consulates.selectors import HORIZON_DAYS, NEAR_MILES, free_slots, miles_between

# Somebody has to read the message, ask for the day off and come.
NOTICE = timedelta(hours=24)
# Nobody is told that a day's drive is equivalent; whoever wants to go further chooses so.
FURTHEST_MILES = 200
AT_ONCE = 12


@dataclass(frozen=True)
class Equivalent:
    session: Session
    choice: Choice
    miles: float


class Equivalents:
    """What is free for one procedure around one place. Sessions are read once and seats each time, so that a list of
    hundreds is quick and everybody still sees what those before them took.
    """

    def __init__(self, procedure: Procedure, *, near: Session, now: datetime) -> None:
        self.now = now
        here = (float(near.latitude), float(near.longitude))
        last = now + timedelta(days=HORIZON_DAYS)
        sessions = (
            Session.objects.published()
            .offering(procedure)
            .filter(ends_at__gt=now + NOTICE, starts_at__lte=last, consulate__is_practice=near.consulate.is_practice)
            .select_related("consulate")
        )
        found = [(miles_between(here, (float(s.latitude), float(s.longitude))), s) for s in sessions]
        # Near places by their date, as the public search does; then those further away.
        self.sessions = sorted(
            ((miles, s) for miles, s in found if miles <= FURTHEST_MILES),
            key=lambda pair: (pair[0] > NEAR_MILES, pair[1].date, pair[0], pair[1].starts_at, pair[1].pk),
        )
        self.empty: set[int] = set()

    def find(self, party: int, *, limit: int = 1) -> list[Equivalent]:
        """The best ``limit`` for so many people, at most one in each session."""
        found: list[Equivalent] = []
        for batch in self._batches():
            free = free_slots([session.pk for _miles, session in batch], now=self.now)
            for miles, session in batch:
                slots = [slot for slot in free[session.pk] if slot.starts_at > self.now + NOTICE]
                if not slots:
                    self.empty.add(session.pk)
                fitting = choices(slots, party)
                if fitting:
                    # Kept together in time as well, where that is possible.
                    best = min(fitting, key=lambda choice: (len(choice.parts), choice.starts_at))
                    found.append(Equivalent(session, best, miles))
                    if len(found) == limit:
                        return found
        return found

    def _batches(self) -> Iterator[Sequence[tuple[float, Session]]]:
        left = [pair for pair in self.sessions if pair[1].pk not in self.empty]
        for start in range(0, len(left), AT_ONCE):
            yield left[start : start + AT_ONCE]
