"""Twenty reviewers reach for ten cases, and two decide one: nobody has what somebody else has."""

from collections import Counter
from datetime import timedelta
from threading import Barrier

from django.db import transaction

from antifraud.desk import queue
from antifraud.desk.carrying import carry_out_due
from antifraud.desk.deciding import Choice, decide
from antifraud.desk.errors import DecidedBefore
from antifraud.desk.queue import take_next, to_decide, visible_cases
from antifraud.models import Act, Case, CaseEvent, Decision
from consulates.access import access_of
from consulates.models import Role
from mexitel.utils.time import now as clock
from tests.factories.cases import sampled, suspected
from tests.factories.staff import staff_with
from tests.races.together import Aside, errors, together

REVIEWERS, CASES = 20, 10


def reviewers(count):
    now = clock()
    return [access_of(staff_with(Role.REVIEWER), now=now) for _ in range(count)]


def race(take):
    """Each reviewer takes once; how many hold each case."""
    now = clock()
    for _ in range(CASES):
        sampled(now=now)
    found = together([lambda access=access: take(access, now) for access in reviewers(REVIEWERS)])
    assert errors(found) == []
    return Counter(case.pk for case in found if case is not None)


def test_twenty_reviewers_take_ten_cases_and_none_twice(live_db):
    held = race(lambda access, now: take_next(access=access, now=now))

    assert held == dict.fromkeys(Case.objects.values_list("pk", flat=True), 1)
    assert CaseEvent.objects.filter(kind="taken").count() == CASES


def test_control_who_only_looks_takes_what_others_take(live_db):
    def look_then_take(access, now):
        case = to_decide(visible_cases(access)).free(now=now).first()
        meet.wait(30)
        return case and queue._taken(case, access.user, now)

    meet = Barrier(REVIEWERS)
    assert max(race(look_then_take).values()) > 1


def test_of_two_who_decide_at_once_one_wins_and_the_other_is_told(live_db):
    now = clock()
    case = suspected(people=1, now=now)
    decisions = together(
        [
            lambda user=access.user, reason=reason: decide(
                case_id=case.pk, choice=Choice(Act.DISMISS, reason, "-"), reviewer=user, now=now
            )
            for access, reason in zip(reviewers(2), ("family", "helper"), strict=True)
        ]
    )

    assert [type(error) for error in errors(decisions)] == [DecidedBefore]
    assert Decision.objects.count() == 1
    assert Case.objects.get(pk=case.pk).is_closed


def undone(now):
    """A decision that is due in a case that nobody has carried out yet."""
    case = suspected(people=1, now=now)
    [access] = reviewers(1)
    choice = Choice(Act.DISMISS, "family", "-")
    decide(case_id=case.pk, choice=choice, reviewer=access.user, now=now, rests=timedelta(minutes=1))
    return case


def test_whoever_decided_waits_for_a_colleague_who_looks_at_the_case(live_db):
    now = clock()
    case, later = undone(now), now + timedelta(minutes=2)
    with transaction.atomic():
        Case.objects.select_for_update().get(pk=case.pk)
        carrying = Aside(lambda: carry_out_due(now=later, case_id=case.pk))
        assert carrying.waits_for_a_lock()

    assert carrying.end() == 1
    assert Case.objects.get(pk=case.pk).is_closed


def test_the_task_of_the_minute_passes_by_a_case_that_somebody_holds(live_db):
    now = clock()
    case, later = undone(now), now + timedelta(minutes=2)
    with transaction.atomic():
        Case.objects.select_for_update().get(pk=case.pk)
        assert Aside(lambda: carry_out_due(now=later)).end() == 0

    assert carry_out_due(now=later) == 1
    assert Case.objects.get(pk=case.pk).is_closed
