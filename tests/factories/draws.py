"""Draws, applications and their results; for tests of what hangs on one."""

from datetime import datetime, timedelta

from appointments.drawing.joining import Wishes, apply
from appointments.drawing.running import tend
from appointments.models import DrawApplication
from appointments.services.applicants import save_applicant
from consulates.models import Gate, Release, Session
from mexitel.accounts.models import User
from tests.factories import appointments as make
from tests.factories.appointments import NOW
from tests.factories.releases import release

OPENS = NOW + timedelta(hours=2)
# The local beacon gives its round a second or two after the lists are closed.
DRAWN = OPENS + timedelta(seconds=10)
DAY = timedelta(days=1)


def draw(*sessions: Session, opens_at: datetime = OPENS, **columns) -> Release:
    """A draw that takes applications now."""
    return release(*(sessions or (make.session(seats=2, slots=2),)), mode=Gate.DRAW, opens_at=opens_at, **columns)


def saved(account: User, how_many: int = 1, name: str = "") -> list[int]:
    entries = [make.entry(name) for _ in range(how_many)]
    return [save_applicant(account=account, entry=e, today=NOW.date(), now=NOW).pk for e in entries]


def wishes(made: Release, account: User, party: int = 1, **more) -> Wishes:
    facts = {
        "procedure": made.procedures.get(),
        "applicants": tuple(more.pop("applicants", None) or saved(account, party)),
        "offices": tuple(made.consulates.values_list("pk", flat=True).order_by("pk")),
    }
    return Wishes(**facts | more)


def applied(
    made: Release, *, account: User | None = None, party: int = 1, now: datetime = NOW, **more
) -> DrawApplication:
    account = account or make.account()
    edge = {name: more.pop(name) for name in ("channel", "agent", "call_reference") if name in more}
    return apply(account=account, release=made, wishes=wishes(made, account, party, **more), now=now, **edge)


def run(made: Release, *, now: datetime = DRAWN) -> None:
    """Close the lists at the opening, and draw."""
    tend(now=made.opens_at)
    tend(now=now)
