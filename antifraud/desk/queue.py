"""Which cases a reviewer may see, which waits next, and whose hand it is in."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from antifraud.desk.errors import DecidedBefore, HandsFull, InOtherHands
from antifraud.models import Case, CaseEvent, CaseKind, CaseState, Decision
from antifraud.models.case import LEASE, CaseQuerySet
from consulates.access import Access
from consulates.models import Assignment
from consulates.roles import May
from mexitel.accounts.models import User
from mexitel.audit.services import record

MOST_IN_HAND = 5


def visible_cases(access: Access) -> CaseQuerySet:
    """A broker books everywhere, so every reviewer sees every case; but those about a colleague go to another office:
    never to the colleague, nor to reviewers of the office that they work in or that has the seats.
    """
    mine = access.where.get(May.REVIEW, frozenset())
    cases = Case.objects.exclude(agent_id=access.user.pk)
    if mine is None:
        return cases
    beside = Assignment.objects.filter(consulate_id__in=mine).values("user_id")
    return cases.exclude(Q(kind=CaseKind.STAFF) & (Q(consulate_id__in=mine) | Q(agent_id__in=beside)))


def to_decide(cases: CaseQuerySet) -> CaseQuerySet:
    """Of ``cases`` those that wait for a reviewer, in order: a decision on its way keeps a case out."""
    pending = Decision.objects.pending().filter(case=OuterRef("pk"))
    return cases.waiting().filter(~Exists(pending))


def narrowed(cases: CaseQuerySet, wanted: Mapping[str, Any]) -> CaseQuerySet:
    """``wanted``: values of ``kind`` and ``consulate``; what is empty narrows nothing."""
    return cases.filter(**{name: value for name, value in wanted.items() if value})


def in_hand(reviewer: User, *, now: datetime) -> CaseQuerySet:
    return Case.objects.filter(taken_by=reviewer, taken_until__gt=now).exclude(state=CaseState.CLOSED)


@transaction.atomic
def take_next(*, access: Access, now: datetime, kind: str = "", consulate_id: int | None = None) -> Case | None:
    """What has the least time left and is in nobody's hand, for half an hour in this one; None when none waits.

    A case that a colleague is taking at this moment is passed over, never waited for. Raises HandsFull.
    """
    if in_hand(access.user, now=now).count() >= MOST_IN_HAND:
        raise HandsFull
    cases = narrowed(to_decide(visible_cases(access)), {"kind": kind, "consulate": consulate_id})
    case = cases.free(now=now).select_for_update(skip_locked=True, of=("self",)).first()
    return case and _taken(case, access.user, now)


@transaction.atomic
def take(*, case_id: int, reviewer: User, now: datetime) -> Case:
    """This very case; taking it again begins the half hour anew. Raises DecidedBefore or InOtherHands."""
    case = locked(case_id, reviewer, now=now)
    if case.is_with(reviewer.pk, now=now):
        hold(case, reviewer, now=now)
        return case
    return _taken(case, reviewer, now)


@transaction.atomic
def give_back(*, case_id: int, reviewer: User, now: datetime) -> bool:
    """A colleague may take it at once. False, and nothing happens, when it is not in this reviewer's hand."""
    case = Case.objects.select_for_update().get(pk=case_id)
    if not case.is_with(reviewer.pk, now=now):
        return False
    release(case)
    CaseEvent.objects.create(case=case, at=now, kind="given_back", actor=reviewer)
    record(actor=reviewer, action="case.give_back", target=case, now=now, office_id=case.consulate_id)
    return True


def locked(case_id: int, reviewer: User, *, now: datetime) -> Case:
    """The case under its lock, for a transaction of ``reviewer``. Raises DecidedBefore or InOtherHands."""
    case = Case.objects.select_for_update().get(pk=case_id)
    if case.is_over:
        raise DecidedBefore
    if case.taken_by_id not in {None, reviewer.pk} and case.taken_until is not None and case.taken_until > now:
        raise InOtherHands
    return case


def hold(case: Case, reviewer: User, *, now: datetime) -> None:
    case.taken_by, case.taken_until = reviewer, now + LEASE
    case.save(update_fields=["taken_by", "taken_until"])


def release(case: Case) -> None:
    case.taken_by = case.taken_until = None
    case.save(update_fields=["taken_by", "taken_until"])


def _taken(case: Case, reviewer: User, now: datetime) -> Case:
    hold(case, reviewer, now=now)
    CaseEvent.objects.create(case=case, at=now, kind="taken", actor=reviewer)
    record(actor=reviewer, action="case.take", target=case, now=now, office_id=case.consulate_id)
    return case
