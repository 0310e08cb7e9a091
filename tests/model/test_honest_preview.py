"""What a preview says is what saving and publishing do: for any proposal, in any world."""

from collections import Counter
from datetime import date, time, timedelta
from decimal import Decimal

import hypothesis.strategies as st
import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings

from consulates.calendars import CalendarError, plan_slots
from consulates.models import CapacityFactor, HolidayDecision, PlanAct, Seat, Session, SessionKind
from consulates.planning import preview as preview_module
from consulates.planning import world
from consulates.planning.errors import CannotBeSaved
from consulates.planning.holidays import proposed
from consulates.planning.preview import Preview, Proposal, preview
from consulates.services import SessionOverlaps, SessionPlan, plan_session, publish_session, publish_sessions
from tests.factories import appointments as make
from tests.factories import planning
from tests.factories.appointments import NOW
from tests.factories.consulates import ConsulateFactory, venue

pytestmark = [pytest.mark.django_db, pytest.mark.model]


def next_of(month, day):
    """A date of the next twelve months, at least a fortnight away."""
    found = date(NOW.year, month, day)
    return found if found > (NOW + timedelta(days=14)).date() else date(NOW.year + 1, month, day)


def spring_forward():
    """The second Sunday of March, on which clocks in Houston have no half past two."""
    first = next_of(3, 8)
    return first + timedelta(days=6 - first.weekday())


DAYS = [next_of(12, 24), next_of(12, 24) + timedelta(days=1), spring_forward()]
HERE = None
# The same hall, in two zones that are five hours apart: its evening here is its night there, on another day.
HALLS = [venue(time_zone="America/New_York"), venue(time_zone="Pacific/Honolulu")]
plans = st.fixed_dictionaries(
    {
        "kind": st.sampled_from([SessionKind.MOBILE, SessionKind.ON_WHEELS]),
        "day": st.sampled_from(DAYS),
        "opens": st.sampled_from([time(2, 30), time(9), time(10), time(20)]),
        "closes": st.sampled_from([time(10, 15), time(12), time(22), time(23)]),
        "windows": st.integers(1, 3),
        "slot_minutes": st.sampled_from([30, 45, 120]),
        "staff_seats": st.integers(0, 3),
        "emergency_seats": st.integers(0, 2),
        "capacity_factor": st.sampled_from([Decimal(1), Decimal("0.9")]),
        "venue": st.sampled_from([HERE, HERE, HERE, *HALLS]),
    }
)
statuses = st.sampled_from(["draft", "published", "booked"])
shares = st.sampled_from(["0", "0.34", "0.9", "1"])
worlds = st.fixed_dictionaries(
    {
        "standing": st.lists(
            st.tuples(plans, st.sampled_from(["draft", "published", "booked"])), min_size=1, max_size=4
        ),
        "decided": st.dictionaries(st.sampled_from(DAYS), st.booleans()),
        "factors": st.lists(
            st.tuples(st.sampled_from(DAYS), st.integers(0, 300), st.sampled_from(["0", "0.34", "0.9", "1"])),
            min_size=1,
            max_size=2,
        ),
    }
)
asked = st.fixed_dictionaries(
    {
        "act": st.sampled_from(PlanAct.values[:-1]),
        "plans": st.lists(plans, min_size=1, max_size=4),
        "chosen": st.integers(0, 9),
        "skip_holidays": st.booleans(),
        "skip_overlaps": st.booleans(),
    }
)


class Office:
    def __init__(self, facts):
        self.office = ConsulateFactory()
        self.by = planning.planner(self.office)
        self.offered = make.procedure()
        for values, status in facts["standing"]:
            self.stand(values, status)
        HolidayDecision.objects.bulk_create(
            HolidayDecision(consulate=self.office, day=day, is_closed=closed, decided_by=self.by, decided_at=NOW)
            for day, closed in facts["decided"].items()
        )
        CapacityFactor.objects.bulk_create(
            CapacityFactor(consulate=self.office, first=first, last=first + timedelta(days=days), factor=share,
                           reason="staff", set_by=self.by, set_at=NOW)
            for first, days, share in facts["factors"]
        )  # fmt: skip

    def plan(self, values) -> SessionPlan:
        return SessionPlan(consulate=self.office, procedures=[self.offered], **values)

    def stand(self, values, status):
        try:
            with transaction.atomic():
                session = plan_session(self.plan(values))
        except (CalendarError, SessionOverlaps):
            return
        if status != "draft":
            publish_session(session, opens_at=NOW, now=NOW)
        if status == "booked":
            any(make.hold(make.account(), slot).ok for slot in session.slots.all())

    def proposal(self, wish) -> Proposal:
        act = PlanAct(wish["act"])
        wanted = [self.plan(values) for values in wish["plans"]]
        standing = list(Session.objects.order_by("pk").values_list("pk", flat=True))
        removes = [standing[wish["chosen"] % len(standing)]] if standing else []
        if act == PlanAct.DELETE:
            return Proposal(act, removes=removes)
        if act == PlanAct.EDIT and not standing:
            act = PlanAct.CREATE
        if act == PlanAct.EDIT:
            return Proposal(act, wanted[:1], removes)
        return Proposal(act, wanted, skip_holidays=wish["skip_holidays"], skip_overlaps=wish["skip_overlaps"])


def refuses(plan, error):
    with transaction.atomic():
        try:
            plan_session(plan)
        except error:
            return True
        finally:
            transaction.set_rollback(True)
    return False


def check_numbers(here, proposal, found):
    """Each number by itself, against the tables."""
    seats = Counter(Seat.objects.filter(until__gt=NOW).values_list("slot__session", flat=True))
    assert found.people == sum(seats[pk] for pk in proposal.removes)
    drafts = Session.objects.filter(pk__in=proposal.removes, status="draft")
    assert len(found.published) == len(proposal.removes) - drafts.count()
    sorted_out = [*found.accepted, *(one.plan for one in [*found.overlaps, *found.left_out, *found.refusals])]
    assert len(sorted_out) + len(found.skipped) == len(proposal.plans)
    rests = {day.day for day in proposed(first=min(DAYS), last=max(DAYS), state="TX")}
    rests -= set(HolidayDecision.objects.filter(is_closed=False).values_list("day", flat=True))
    clashing = [plan for plan in proposal.plans if plan.day in rests]
    assert len(found.clashes) + len(found.skipped) == len(clashing)
    assert (found.clashes if proposal.skip_holidays else found.skipped) == []
    for one in found.refusals:
        assert refuses(one.plan, CalendarError)
    if found.published:  # nothing takes the place of a published session
        return
    with transaction.atomic():
        Session.objects.filter(pk__in=proposal.removes, status="draft").delete()
        for plan in found.accepted:
            plan_session(plan)
        for one in [*found.overlaps, *found.left_out]:
            assert refuses(one.plan, SessionOverlaps)
        transaction.set_rollback(True)


def check_saving(here, proposal, found):
    before = set(Session.objects.values_list("pk", flat=True))
    if not found.can_be_saved:
        with pytest.raises(CannotBeSaved), transaction.atomic():
            planning.save(here.office, proposal, by=here.by)
        assert set(Session.objects.values_list("pk", flat=True)) == before
        return
    batch = planning.save(here.office, proposal, by=here.by)
    made = Session.objects.filter(pk__in=batch.made, status="draft")
    assert made.count() == len(batch.made) == len(found.accepted)
    kept = before - set(proposal.removes)
    assert set(Session.objects.values_list("pk", flat=True)) == kept | set(batch.made)
    published = publish_sessions(batch.made, opening=lambda _session, _number: NOW, now=NOW)
    assert (published.seats, published.offered) == (found.seats, found.offered)
    mine = Seat.objects.filter(slot__session__in=batch.made)
    assert (mine.count(), mine.filter(withdrawn_at=None).count()) == (found.seats, found.offered)


def compare(facts, wish):
    with transaction.atomic():
        here = Office(facts)
        proposal = here.proposal(wish)
        found = preview(proposal, world.world_for(proposal, here.office, now=NOW))
        check_numbers(here, proposal, found)
        check_saving(here, proposal, found)
        transaction.set_rollback(True)


def run(examples, *, derandomize=True, phases=(Phase.generate, Phase.shrink)):
    chosen = settings(
        max_examples=examples,
        derandomize=derandomize,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=phases,
    )
    chosen(given(facts=worlds, wish=asked)(compare))()


def test_a_preview_says_what_saving_does():
    run(30)


def test_it_sees_what_overlaps_from_another_day_of_another_zone():
    """Eight in the evening in Honolulu is two at night in New York."""
    values = {
        "kind": SessionKind.MOBILE, "windows": 1, "slot_minutes": 30, "staff_seats": 0, "emergency_seats": 0,
        "capacity_factor": Decimal(1),
    }  # fmt: skip
    eve, christmas, *_rest = DAYS
    evening = {**values, "day": eve, "opens": time(20), "closes": time(23), "venue": HALLS[1]}
    night = {**values, "day": christmas, "opens": time(2, 30), "closes": time(12), "venue": HALLS[0]}
    wish = {"act": "create", "chosen": 0, "skip_holidays": False, "skip_overlaps": False}
    for standing, wanted in [(evening, night), (night, evening)]:
        facts = {"standing": [(standing, "draft")], "decided": {}, "factors": []}
        compare(facts, {**wish, "plans": [wanted]})


@pytest.mark.long
def test_a_preview_says_what_saving_does_for_long():
    run(3000, derandomize=False)


def changed(name, value):
    return lambda patch: patch.setattr(preview_module, name, value)


MUTANTS = {
    "factors do not count": changed("lowest", lambda own, day, spans: own),
    "places do not count": changed("_place", lambda plan: ("", "")),
    "nobody loses a seat": lambda patch: patch.setattr(Preview, "people", 0),
    "holidays do not count": lambda patch: patch.setattr(world, "proposed", lambda **_days: []),
    "pools do not count": changed("plan_slots", lambda hours, **facts: plan_slots(hours, **facts | {"staff": 0})),
}


@pytest.mark.parametrize("mutant", MUTANTS)
def test_control_it_notices_a_preview_that_says_something_else(monkeypatch, mutant):
    MUTANTS[mutant](monkeypatch)
    with transaction.atomic(), pytest.raises((AssertionError, BaseExceptionGroup, CalendarError, SessionOverlaps)):
        run(100, phases=[Phase.generate])
