"""The planner in numbers: pure, so nothing here touches the database."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import pytest

from consulates.models import PlanAct, SessionKind
from consulates.planning.factors import Span, lowest
from consulates.planning.holidays import Holiday, is_federal, proposed
from consulates.planning.preview import Existing, Proposal, World, preview, seal
from consulates.planning.recurrence import days_of
from tests.factories.consulates import ConsulateFactory, session_plan, venue

DAY = date(2026, 11, 24)
CHRISTMAS = Holiday(DAY, "Navidad", "Christmas", "MX")


@pytest.fixture
def office():
    return ConsulateFactory.build(id=7)


def standing(*, id=1, status="draft", opens=9, closes=11, taken=0, city="Houston", place_name=""):
    start = datetime(2026, 11, 24, opens + 6, tzinfo=UTC)
    return Existing(id, status, DAY, start, start + timedelta(hours=closes - opens), city, place_name, 8, taken)


def test_it_counts_seats_and_those_that_a_factor_withholds(office):
    found = preview(Proposal(PlanAct.CREATE, [session_plan(office)]), World(spans=[Span(DAY, DAY, Decimal("0.5"))]))

    assert (len(found.accepted), found.seats, found.offered, found.people) == (1, 8, 4, 0)
    assert found.can_be_saved


@pytest.mark.parametrize(("opens", "overlaps"), [(11, 0), (10, 1), (7, 0), (8, 1)])
def test_sessions_that_touch_do_not_overlap(office, opens, overlaps):
    plan = session_plan(office, opens=time(opens), closes=time(opens + 2))
    found = preview(Proposal(PlanAct.CREATE, [plan]), World(existing=[standing()]))

    assert len(found.overlaps) == overlaps
    assert found.can_be_saved is not bool(overlaps)


def test_another_place_at_the_same_time_is_no_overlap(office):
    plan = session_plan(office, kind=SessionKind.MOBILE, venue=venue())

    assert preview(Proposal(PlanAct.CREATE, [plan]), World(existing=[standing()])).overlaps == []


def test_plans_of_one_proposal_overlap_each_other(office):
    found = preview(Proposal(PlanAct.COPY, [session_plan(office)] * 2), World())

    assert [one.other for one in found.overlaps] == [None]
    assert len(found.accepted) == 1


def test_overlaps_are_left_out_when_asked_for(office):
    found = preview(Proposal(PlanAct.COPY, [session_plan(office)], skip_overlaps=True), World(existing=[standing()]))

    assert (len(found.left_out), len(found.overlaps), found.seats) == (1, 0, 0)
    assert not found.can_be_saved


@pytest.mark.parametrize(("closed", "clashes", "undecided"), [({}, 1, 1), ({DAY: True}, 1, 0), ({DAY: False}, 0, 0)])
def test_holidays_clash_until_the_office_says_that_it_works(office, closed, clashes, undecided):
    world = World(holidays=[CHRISTMAS], closed=closed)
    found = preview(Proposal(PlanAct.CREATE, [session_plan(office)]), world)
    skipped = preview(Proposal(PlanAct.COPY, [session_plan(office)], skip_holidays=True), world)

    assert (len(found.clashes), len(found.undecided)) == (clashes, undecided)
    assert found.can_be_saved
    assert (len(skipped.skipped), len(skipped.accepted)) == (clashes, 1 - clashes)


def test_an_edited_session_does_not_overlap_itself(office):
    found = preview(Proposal(PlanAct.EDIT, [session_plan(office)], [1]), World(existing=[standing()]))

    assert (found.overlaps, found.removed_seats, found.can_be_saved) == ([], 8, True)


def test_people_lose_their_seat_only_with_a_published_session_which_is_refused(office):
    found = preview(Proposal(PlanAct.DELETE, removes=[1]), World(existing=[standing(status="published", taken=2)]))

    assert found.people == 2
    assert not found.can_be_saved


def test_days_that_make_no_calendar_are_told_by_code(office):
    plan = session_plan(office, day=date(2027, 3, 14), kind=SessionKind.SUNDAY, opens=time(2, 30), closes=time(5))

    assert [one.code for one in preview(Proposal(PlanAct.COPY, [plan]), World()).refusals] == ["nonexistent_local_time"]


def test_the_seal_is_of_the_proposal_the_world_the_office_and_the_person(office):
    proposal, world = Proposal(PlanAct.CREATE, [session_plan(office)]), World()
    same = seal(proposal, world, office_id=7, by=1)
    others = {
        seal(Proposal(PlanAct.CREATE, [session_plan(office, windows=3)]), world, office_id=7, by=1),
        seal(Proposal(PlanAct.CREATE, [session_plan(office)], skip_holidays=True), world, office_id=7, by=1),
        seal(proposal, World(existing=[standing()]), office_id=7, by=1),
        seal(proposal, World(holidays=[CHRISTMAS]), office_id=7, by=1),
        seal(proposal, World(closed={DAY: True}), office_id=7, by=1),
        seal(proposal, World(spans=[Span(DAY, DAY, Decimal(0))]), office_id=7, by=1),
        seal(proposal, world, office_id=8, by=1),
        seal(proposal, world, office_id=7, by=2),
    }

    assert seal(proposal, world, office_id=7, by=1) == same
    assert len(others) == 8
    assert same not in others


def test_reasons_do_not_multiply():
    spans = [Span(DAY, DAY, Decimal("0.9")), Span(DAY, DAY, Decimal("0.5"))]

    assert lowest(Decimal(1), DAY, spans) == Decimal("0.5")
    assert lowest(Decimal("0.3"), DAY, spans) == Decimal("0.3")
    assert lowest(Decimal(1), DAY + timedelta(days=1), spans) == 1


def test_templates_recur_from_their_first_week_on():
    monday = date(2026, 11, 23)
    days = days_of(first=monday + timedelta(days=2), until=date(2026, 12, 31), weekdays=[0, 4], every_weeks=2)

    assert days == [date(2026, 11, 27), date(2026, 12, 7), date(2026, 12, 11), date(2026, 12, 21), date(2026, 12, 25)]
    assert days_of(first=monday, until=date(2026, 12, 31), weekdays=[]) == []


def test_holidays_of_both_countries_and_of_the_state_have_names_in_both_languages():
    found = {one.day: one for one in proposed(first=date(2026, 1, 1), last=date(2026, 12, 31), state="TX")}

    assert found[date(2026, 9, 16)].name_es == "Día de la Independencia"
    assert found[date(2026, 9, 16)].origin == "MX"
    assert (found[date(2026, 11, 26)].name_es, found[date(2026, 11, 26)].name_en) == (
        "Día de Acción de Gracias",
        "Thanksgiving Day",
    )
    assert found[date(2026, 3, 2)].origin == "TX"
    assert date(2026, 3, 2) not in {
        one.day for one in proposed(first=date(2026, 1, 1), last=date(2026, 12, 31), state="NV")
    }
    assert is_federal(date(2026, 7, 4))
    assert not is_federal(date(2026, 3, 2))


def test_who_books_in_a_session_that_stays_does_not_break_the_seal(office):
    proposal = Proposal(PlanAct.CREATE, [session_plan(office)])
    before, after = (World(existing=[standing(status="published", taken=taken)]) for taken in (2, 3))
    assert seal(proposal, before, office_id=7, by=1) == seal(proposal, after, office_id=7, by=1)

    gone = Proposal(PlanAct.DELETE, removes=[1])
    assert seal(gone, before, office_id=7, by=1) != seal(gone, after, office_id=7, by=1)
