"""A rule writes the draft of each opening once; a person approves it."""

from datetime import timedelta

import pytest

from consulates import wording
from consulates.models import Release, ReleaseRule, RuleRelease
from consulates.planning.recurrence import monday_of
from consulates.releases.drafting import discard_draft
from consulates.releases.errors import OwnApproval
from consulates.releases.rules import end_rule, make_rule, prepare_all
from consulates.services import plan_session
from tests.factories import appointments as make
from tests.factories import planning
from tests.factories import release_drafts as drafts
from tests.factories.appointments import NOW
from tests.factories.consulates import ConsulateFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def office():
    return ConsulateFactory()


def rule(office, *, after=5, **changes):
    """Opens in ``after`` days at half past one, two weeks ahead."""
    opens_on = wording.local_day(NOW, office.time_zone) + timedelta(days=after)
    values = {
        "consulate": office, "name": "Lugares", "name_en": "Places", "weekday": opens_on.weekday(),
        "hour": drafts.time(13, 30), "weeks_ahead": 2, "kinds": ["mobile"],
    }  # fmt: skip
    made = make_rule(ReleaseRule(**(values | changes)), by=planning.planner(office), now=NOW)
    return made, opens_on


def session(office, day):
    return plan_session(planning.plan(office, make.procedure(), day=day))


def test_rule_writes_a_draft_with_the_sessions_of_that_week_once_and_another_person_approves_it(office):
    made, opens_on = rule(office)
    monday = monday_of(opens_on) + timedelta(weeks=2)
    inside = {session(office, monday), session(office, monday + timedelta(days=6))}
    session(office, monday + timedelta(days=7))

    assert [prepare_all(now=NOW) for _ in range(2)] == [1, 0]

    release = Release.objects.get()
    assert set(release.sessions.all()) == inside
    assert (release.state, release.made_by) == ("draft", made.made_by)
    assert release.name == f"Lugares, semana del {wording.short_date(monday)}"
    assert release.name_en.startswith("Places, week of ")
    with pytest.raises(OwnApproval):
        drafts.announce(release, by=made.made_by)
    assert drafts.announce(release).state == "announced"


def test_draft_that_somebody_gave_up_is_not_written_again(office):
    _made, opens_on = rule(office)
    session(office, monday_of(opens_on) + timedelta(weeks=2))
    prepare_all(now=NOW)

    discard_draft(Release.objects.get(), by=planning.planner(office), now=NOW)

    assert prepare_all(now=NOW) == 0
    assert RuleRelease.objects.get().release is None


def test_rule_waits_for_sessions_that_are_planned_later(office):
    _made, opens_on = rule(office)
    assert prepare_all(now=NOW) == 0

    session(office, monday_of(opens_on) + timedelta(weeks=2))

    assert prepare_all(now=NOW) == 1


def test_rule_that_ended_writes_nothing(office):
    made, opens_on = rule(office)
    session(office, monday_of(opens_on) + timedelta(weeks=2))
    end_rule(made, by=planning.planner(office), now=NOW)

    assert prepare_all(now=NOW) == 0


def test_without_the_constraint_two_rows_would_stand_for_one_opening(office, owner_connection):
    """The control of "once": the name of what holds it."""
    with owner_connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_constraint WHERE conname = 'release_rule_prepares_an_opening_once'")
        assert cursor.fetchone() == (1,)
