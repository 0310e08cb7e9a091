"""From groups of the engine to the cases of the desk: one case for one actor, and nothing twice."""

from datetime import timedelta

import pytest

from antifraud.facts import Facts
from antifraud.live.cases import OPENED, PortalCases
from antifraud.models import Case, CaseState, Decision
from antifraud.records import Account, Booking, Flag, Group
from antifraud.scoring import Assessment, Reason
from tests.factories.appointments import NOW, account, slot
from tests.factories.cases import booked

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(minutes=5)


def assessed(score: float = 9.0) -> Assessment:
    reasons = (Reason("A1", "contact", 4.5, (("count", 3),)), Reason("C1", "pace", score - 4.5, (("count", 3),)))
    return Assessment(1, score, reasons, Facts(accounts=3))


def group(number: int, *people: tuple, case: str = f"{OPENED} 1", score: float = 9.0) -> Group:
    """``people``: accounts of the portal, each with its appointments; all of them flagged."""
    found = Group(number, case=case, best=assessed(score))
    for user, *appointments in people:
        one = found.members[str(user.pk)] = Account(str(user.pk), 0, group=found)
        one.bookings = tuple(flagged(one, appointment, found) for appointment in appointments)
    return found


def flagged(one: Account, appointment, of: Group) -> Booking:
    flag = Flag(1, of.case, of.best)
    return Booking(str(appointment.pk), one, None, "", "", "", "", None, 0, None, None, "", "", "", "", flag=flag)


def buyer(at=None) -> tuple:
    user = account()
    return user, booked(user, at or slot(), now=NOW)


def settled(group: Group, *, gone=(), now=LATER) -> Case:
    group.case = PortalCases().settle(group, gone=gone, now=now)
    return Case.objects.get(pk=int(group.case))


def about(case: Case) -> tuple[set, set]:
    accounts = set(case.accounts.values_list("account_id", flat=True))
    return accounts, set(case.appointments.values_list("appointment_id", flat=True))


def test_case_opens_once_with_the_reasons_of_its_group():
    first, second = buyer(), buyer()
    one = group(7, first, second)

    case, again = settled(one), settled(one)

    assert (again.pk, Case.objects.count(), case.group_number, case.score) == (case.pk, 1, 7, 9.0)
    assert about(case) == ({first[0].pk, second[0].pk}, {first[1].pk, second[1].pk})
    assert case.reasons[0] == {"code": "A1", "group": "contact", "points": 4.5, "evidence": {"count": 3}}
    assert (case.facts["accounts"], case.assessments.count(), case.events.count()) == (3, 1, 2)


def test_case_grows_with_its_group_and_is_weighed_again():
    first, second = buyer(), buyer()
    case = settled(group(7, first))

    grown = settled(group(7, first, second, case=str(case.pk), score=11.0))

    assert (grown.pk, grown.score, grown.seats) == (case.pk, 11.0, 2)
    assert about(grown)[1] == {first[1].pk, second[1].pk}


def test_bystander_and_what_the_portal_does_not_know_stay_out():
    first, bystander = buyer(), buyer()
    one = group(7, first, bystander)
    one.members[str(bystander[0].pk)].bookings[0].flag = None
    one.members["phone:aa"] = Account("phone:aa", 0, group=one)

    assert about(settled(one)) == ({first[0].pk}, {first[1].pk})


def test_two_actors_that_are_one_leave_the_older_case_and_its_decisions():
    first, second = buyer(), buyer()
    older, younger = settled(group(7, first)), settled(group(5, second))
    waiting = Decision.objects.create(
        case=younger, act="cancel", reason="hoarded", note="why", author=account(), decided_at=NOW,
        effective_at=NOW + timedelta(days=1), appointment_ids=[second[1].pk],
    )  # fmt: skip

    kept = settled(group(5, second, first, case=str(younger.pk)), gone={7})

    younger.refresh_from_db()
    waiting.refresh_from_db()
    assert (kept.pk, kept.group_number, kept.seats, waiting.case_id) == (older.pk, 5, 2, older.pk)
    assert about(kept) == ({first[0].pk, second[0].pk}, {first[1].pk, second[1].pk})
    assert (younger.state, younger.merged_into_id, younger.closed_by) == (CaseState.MERGED, older.pk, None)
    assert list(Case.objects.standing()) == [kept]


def test_case_of_another_actor_who_still_stands_is_left_alone():
    first, second = buyer(), buyer()
    other = settled(group(7, first, second))

    mine = settled(group(9, second), gone=())

    assert (mine.pk != other.pk, mine.group_number, Case.objects.standing().count()) == (True, 9, 2)


def test_decided_case_stays_decided_and_only_what_is_new_is_asked_about():
    first, second = buyer(), buyer()
    closed = settled(group(7, first))
    Case.objects.filter(pk=closed.pk).update(
        state=CaseState.CLOSED, verdict="broker", closed_at=NOW, closed_by=account()
    )

    assert settled(group(7, first, case=str(closed.pk))).pk == closed.pk
    fresh = settled(group(7, first, second, case=str(closed.pk)))

    assert (fresh.pk != closed.pk, about(fresh)[1]) == (True, {second[1].pk})
