"""A queue at any of its moments, run by its own steps; the clock is passed in."""

from datetime import datetime, timedelta

import pytest

from appointments.models import QueueTicket
from appointments.queueing import tending
from appointments.queueing.joining import join
from consulates.models import Release
from mexitel.accounts.models import User
from tests.factories import appointments as make
from tests.factories.appointments import NOW
from tests.factories.releases import release

SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
OPENS = NOW + timedelta(minutes=10)
# Sealed, the local beacon's round gone by, and ranked.
DRAWN = OPENS + 10 * SECOND


def queue(*, seats: int = 2, slots: int = 2, opens_at: datetime = OPENS, **columns) -> Release:
    """Announced, promised, and to be joined; it opens in ten minutes."""
    made = release(make.session(seats=seats, slots=slots), opens_at=opens_at, **columns)
    made.procedures.set(made.sessions.get().procedures.all())
    return made


def joined(made: Release, people: int, *, now: datetime = NOW, **facts) -> list[User]:
    accounts = [make.account() for _ in range(people)]
    for account in accounts:
        assert join(account=account, release_id=made.pk, now=now, **facts)
    return accounts


def run(made: Release, *moments: datetime) -> None:
    for now in moments:
        assert tending.tend(made, now=now)


def opened(made: Release, people: int) -> list[User]:
    """Joined by ``people``, drawn, and the first called at DRAWN: the accounts in the drawn order."""
    joined(made, people)
    run(made, OPENS + 3 * SECOND, DRAWN)
    return [ticket.account for ticket in tickets(made)]


def tickets(made: Release) -> list[QueueTicket]:
    return list(QueueTicket.objects.filter(release=made).select_related("account").order_by("rank", "pk"))


def ticket(made: Release, account: User) -> QueueTicket:
    return QueueTicket.objects.get(release=made, account=account)


@pytest.fixture(autouse=True)
def queue_files(settings, tmp_path):
    """The files of this test's queues lie in a folder of its own."""
    settings.QUEUE_DIR = tmp_path / "queues"
    return settings.QUEUE_DIR
