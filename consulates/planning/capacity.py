"""Setting and ending capacity factors. A factor withdraws free seats and gives them back; it touches no taken one."""

from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.crypto import constant_time_compare

from consulates.models import CapacityFactor, CapacityReason, Consulate, Session
from mexitel.accounts.models import User
from mexitel.audit.services import record

from .capacity_preview import FactorPlan, preview_factor, seal_factor
from .errors import TooLate, WorldChanged
from .fitting import Fitted, fit_sessions
from .preview import Preview
from .saving import lock_office


@transaction.atomic
def set_factor(plan: FactorPlan, *, shown: str, by: User, now: datetime) -> tuple[CapacityFactor, Fitted]:
    """From now on the office offers no more than this share on these days; who has booked keeps their seat.

    ``shown`` is the seal of its preview. Raises WorldChanged when the numbers are others by now.
    """
    lock_office(plan.office)
    if not constant_time_compare(shown, seal_factor(plan, preview_factor(plan, now=now), by=by)):
        raise WorldChanged(Preview())
    made = CapacityFactor.objects.create(
        consulate=plan.office,
        first=plan.first,
        last=plan.last,
        factor=plan.factor,
        reason=plan.reason,
        note=plan.note,
        set_by=by,
        set_at=now,
    )
    fitted = fit_sessions(plan.covered(now=now), now=now)
    _record("capacity.set", made, fitted, by=by, now=now)
    return made, fitted


@transaction.atomic
def end_factor(*, factor: CapacityFactor, by: User, now: datetime) -> Fitted:
    """Give back what this factor alone withheld. Raises TooLate when somebody ended it already."""
    lock_office(factor.consulate)
    if not CapacityFactor.objects.filter(pk=factor.pk, ended_at=None).update(ended_at=now, ended_by=by):
        raise TooLate
    fitted = fit_sessions(_plan_of(factor).covered(now=now), now=now)
    _record("capacity.end", factor, fitted, by=by, now=now)
    return fitted


def _plan_of(factor: CapacityFactor) -> FactorPlan:
    return FactorPlan(
        factor.consulate, factor.first, factor.last, factor.factor, CapacityReason(factor.reason), factor.note
    )


def keep_all(*, now: datetime) -> Fitted:
    """What cancellations and races have changed since: a seat that rests after it was freed is withdrawn before it is
    seen. Touches only sessions under a factor in force, and those of an act that was taken back.
    """
    sums = [0, 0]
    for office in Consulate.objects.filter(pk__in=_limited(now=now).values("consulate")).order_by("pk"):
        with transaction.atomic():
            lock_office(office)
            fitted = fit_sessions(_limited(now=now).filter(consulate=office), now=now)
        sums = [sums[0] + fitted.withdrawn, sums[1] + fitted.given_back]
    return Fitted(*sums)


def _limited(*, now: datetime) -> QuerySet[Session]:
    """Sessions to come that may offer less than they would: undone ones nothing, others what a factor leaves."""
    theirs = CapacityFactor.objects.in_force().filter(
        consulate=OuterRef("consulate"), first__lte=OuterRef("date"), last__gte=OuterRef("date")
    )
    return Session.objects.published().not_over(now=now).filter(Q(capacity_factor=0) | Exists(theirs))


def _record(action: str, factor: CapacityFactor, fitted: Fitted, *, by: User, now: datetime) -> None:
    record(
        actor=by,
        action=action,
        target=factor,
        now=now,
        office_id=factor.consulate_id,
        reason=factor.note,
        detail={"factor": str(factor.factor), "withdrawn": fitted.withdrawn, "given_back": fitted.given_back},
    )
