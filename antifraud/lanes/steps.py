"""Steps that a booker has taken: proof of work, a code by phone. Rows, so that they hold with Redis away."""

from datetime import datetime, timedelta

from antifraud.models import Step, StepKind
from mexitel.accounts.models import User
from mexitel.utils.db import named_violations

# Work opens the holds of the next minutes; a code, the bookings of this sitting.
GOOD_FOR = {StepKind.WORK: timedelta(minutes=10), StepKind.CODE: timedelta(minutes=30)}


class SolvedBefore(Exception):
    """That solution counted already, for this booker or another."""


def take(account: User, kind: StepKind, *, now: datetime, mark: bytes | None = None) -> None:
    """Raises SolvedBefore; of two requests with one solution one wins."""
    with named_violations({"step_solution_counts_once": SolvedBefore}):
        Step.objects.create(account=account, kind=kind, mark=mark, taken_at=now, until=now + GOOD_FOR[kind])


def has_taken(account: User, kind: StepKind, *, now: datetime) -> bool:
    return Step.objects.filter(account=account, kind=kind, until__gt=now).exists()
