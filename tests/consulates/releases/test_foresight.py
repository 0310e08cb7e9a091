"""What staff are told that the public will see is what the public's readers and the claim then say."""

from datetime import timedelta

import pytest

from consulates.models import Gate, Release
from consulates.releases.approving import cancel
from consulates.releases.foresight import foreseen
from consulates.selectors import next_openings, office_month
from tests.factories import appointments as make
from tests.factories import planning
from tests.factories import release_drafts as drafts
from tests.factories.appointments import NOW
from tests.factories.consulates import ConsulateFactory

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)


def seen(office, at, **also):
    return [(row.way, row.seats, row.phone) for row in foreseen(office, at=at, **also)]


def moments(made):
    first = made.sessions.order_by("starts_at").first()
    known = [made.opens_at, made.phone_until, made.opens_to_all_at, first.starts_at]
    return [moment - less for moment in known if moment for less in (SECOND, timedelta())]


@pytest.mark.parametrize("mode", Gate.values)
def test_draft_seen_as_if_approved_is_what_is_seen_once_it_is(mode):
    office = ConsulateFactory()
    made = drafts.draft(*drafts.sessions(office, 2), mode=mode)
    before = {at: seen(office, at, draft=made) for at in moments(made) if at < made.sessions.first().starts_at}

    made = drafts.announce(made)

    assert before == {at: seen(office, at) for at in before}
    assert len({str(rows) for rows in before.values()}) >= 3


@pytest.mark.parametrize("mode", Gate.values)
def test_foresight_says_what_the_calendar_and_the_claim_say_at_that_moment(mode):
    made = drafts.announce(drafts.draft(mode=mode))
    office, session = made.offices.get().consulate, made.sessions.get()
    for now in moments(made):
        rows = foreseen(office, at=now)
        calendar = office_month(office, first=session.date, last=session.date, now=now)
        assert sum(day.free for day in calendar.values()) == sum(row.seats for row in rows if row.way == "all")
        answer = make.hold(make.account(), session.slots.last(), now=now).code
        assert answer == ("ok" if any(row.way == "all" for row in rows) else "not_open")


def test_next_opening_names_its_release_and_one_that_was_cancelled_is_none():
    made = drafts.announce(drafts.draft())
    office = made.offices.get().consulate
    [opening] = next_openings(now=NOW, consulates=[office])
    assert (opening.release, opening.opens_at) == (made, made.opens_at)

    cancel(made, reason="Huracán", by=planning.planner(), now=NOW)

    assert next_openings(now=NOW, consulates=[office]) == []
    day = office_month(office, first=planning.DAY, last=planning.DAY + timedelta(days=20), now=NOW)
    assert [(one.free, one.next_opening) for one in day.values()] == [(0, None)]
    assert Release.objects.for_public(now=NOW).get() == made
