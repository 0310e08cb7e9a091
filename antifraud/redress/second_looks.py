"""One closed case in twenty is decided again by somebody who does not know how it was decided.

It shows how far two reviewers agree (Cohen's kappa), and finds mistakes of which nobody complains. Nothing changes for
anybody unless the two differ and a senior reviewer, who sees both, says that it was a mistake.
"""

import secrets
from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from antifraud.errors import DecidedAlready
from antifraud.models import Act, Case, CaseEvent, CaseState, Decision, SecondLook, Verdict
from antifraud.models.redress import LOTS
from antifraud.redress.errors import NotDecider
from antifraud.redress.restoring import undo_decision
from mexitel.accounts.models import User
from mexitel.audit.services import record


def draw_lots(*, now: datetime, limit: int = 500) -> int:
    """A lot for each closed case that has none; how many were drawn. A case draws once."""
    closed = Case.objects.filter(state=CaseState.CLOSED, closed_by__isnull=False, second_look=None)
    rows = [
        SecondLook(
            case=case, drawn_at=now, lot=secrets.randbelow(LOTS), first_by=case.closed_by, first_verdict=case.verdict
        )
        for case in closed.select_related("closed_by").order_by("closed_at", "pk")[:limit]
    ]
    return len(SecondLook.objects.bulk_create(rows, ignore_conflicts=True))


@transaction.atomic
def look_again(*, case_id: int, reviewer: User, verdict: str, note: str, now: datetime) -> SecondLook:
    """What ``reviewer`` would have decided. Raises DecidedAlready, or NotDecider for who decided the case."""
    look = _locked(case_id)
    if look.second_at is not None:
        raise DecidedAlready
    if reviewer.pk in {look.first_by_id, *_deciders(case_id)}:
        raise NotDecider
    look.second_by, look.second_at, look.second_verdict, look.second_note = reviewer, now, verdict, note
    look.save()
    _note(look, "second_look.give", reviewer, agrees=look.agrees, now=now)
    return look


@transaction.atomic
def settle(*, case_id: int, senior: User, verdict: str, note: str, now: datetime) -> SecondLook:
    """The last word where two differ. When nothing was wrong after all, what the case cancelled is made good.

    Raises DecidedAlready, or NotDecider for either of the two and for who decided in the case.
    """
    held = Decision.objects.select_for_update(of=("self",), no_key=True).select_related("case")
    cancelled = list(
        held.filter(case=case_id, act=Act.CANCEL, overturned_at=None, done_at__isnull=False).order_by("pk")
    )
    look = _locked(case_id)
    if look.senior_at is not None or look.second_at is None or look.agrees:
        raise DecidedAlready
    if senior.pk in {look.first_by_id, look.second_by_id, *_deciders(case_id)}:
        raise NotDecider
    look.senior, look.senior_at, look.senior_verdict, look.senior_note = senior, now, verdict, note
    look.save()
    _note(look, "second_look.settle", senior, verdict=verdict, now=now)
    if verdict == Verdict.LEGITIMATE:
        for decision in cancelled:
            undo_decision(decision, reviewer=senior, now=now)
    return look


@dataclass(frozen=True)
class Agreement:
    """Of ``pairs`` of verdicts the share that is the same, and how much better than by chance that is: kappa from -1 to
    1, None when there is nothing to tell (no pairs, or everybody always says the same).
    """

    pairs: int
    same: float
    kappa: float | None

    @property
    def same_percent(self) -> int:
        return round(100 * self.same)


def agreement(*, since: datetime | None = None) -> Agreement:
    """Over the second looks given from ``since`` on, for the dashboard."""
    looks = SecondLook.objects.filter(second_at__isnull=False)
    if since is not None:
        looks = looks.filter(second_at__gte=since)
    return _agreement(list(looks.values_list("first_verdict", "second_verdict")))


def _agreement(pairs: list[tuple[str, str]]) -> Agreement:
    """Cohen's kappa: (observed - expected) / (1 - expected), expected from how often each side says what."""
    n = len(pairs)
    if not n:
        return Agreement(0, 0.0, None)
    same = sum(first == second for first, second in pairs) / n
    firsts, seconds = Counter(first for first, _ in pairs), Counter(second for _, second in pairs)
    expected = sum(firsts[verdict] * seconds[verdict] for verdict in firsts) / n**2
    return Agreement(n, same, None if expected == 1 else (same - expected) / (1 - expected))


def _locked(case_id: int) -> SecondLook:
    return SecondLook.objects.select_for_update(of=("self",)).get(pk=case_id)


def _deciders(case_id: int) -> set[int]:
    """Whoever decided anything in the case, or agreed to it."""
    pairs = Decision.objects.filter(case=case_id).values_list("author_id", "approver_id")
    return {pk for pair in pairs for pk in pair if pk is not None}


def _note(look: SecondLook, action: str, by: User, *, now: datetime, **detail: object) -> None:
    CaseEvent.objects.create(case_id=look.case_id, at=now, kind=action.replace(".", "_"), actor=by, detail=detail)
    record(actor=by, action=action, target=look, now=now, detail=detail)
