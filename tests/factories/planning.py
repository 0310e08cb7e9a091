"""Acts of planners as their pages do them: previewed, sealed, saved. Sessions lie a week after ``NOW`` of
factories/appointments, at whose moment things are booked.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal

from consulates.models import (
    CapacityFactor,
    CapacityReason,
    Consulate,
    PlanAct,
    PlanBatch,
    Procedure,
    Role,
    Session,
    SessionKind,
)
from consulates.planning.capacity import set_factor
from consulates.planning.capacity_preview import FactorPlan, preview_factor, seal_factor
from consulates.planning.fitting import Fitted
from consulates.planning.preview import Proposal, seal
from consulates.planning.publishing import publish_drafts, seal_of
from consulates.planning.saving import save_proposal
from consulates.planning.undoing import Outcome, undo_batch
from consulates.planning.world import world_for
from consulates.services import SessionPlan
from mexitel.accounts.models import User
from tests.factories import appointments as make
from tests.factories.accounts import UserFactory
from tests.factories.appointments import NOW
from tests.factories.consulates import ConsulateFactory, published_session, session_plan
from tests.factories.staff import LONG_AGO

DAY = (NOW + timedelta(days=7)).date()


def planner(office: Consulate | None = None) -> User:
    """With an address that no booker of factories/appointments has."""
    user = UserFactory(staff=True, second_factor=False, email=f"planea{next(make.numbers)}@example.com")
    user.assignments.create(role=Role.PLANNER, consulate=office, starts_at=LONG_AGO)
    return user


def plan(office: Consulate, *procedures: Procedure, after: int = 0, **changes: object) -> SessionPlan:
    """Nine to eleven, two windows, eight seats, ``after`` days after ``DAY``; of a kind that may be on any day."""
    values = {"kind": SessionKind.MOBILE, "day": DAY + timedelta(days=after), "procedures": procedures}
    return session_plan(office, **values | changes)


def published(office: Consulate | None = None, *, after: int = 0, **changes: object) -> Session:
    """Such a session, published without an act, and open since yesterday."""
    yesterday = NOW - timedelta(days=1)
    day = changes.pop("day", DAY + timedelta(days=after))
    return published_session(
        office or ConsulateFactory(), make.procedure(), kind="mobile", day=day, opens_at=yesterday, now=yesterday,
        **changes,
    )  # fmt: skip


def save(office: Consulate, proposal: Proposal, *, by: User, now: datetime = NOW) -> PlanBatch:
    shown = seal(proposal, world_for(proposal, office, now=now), office_id=office.pk, by=by.pk)
    return save_proposal(office=office, proposal=proposal, shown=shown, by=by, now=now)


def create(office: Consulate, *plans: SessionPlan, by: User, act: PlanAct = PlanAct.CREATE, **more: object):
    return save(office, Proposal(act, plans, **more), by=by)


def publish(office: Consulate, session_ids: Sequence[int], *, by: User, now: datetime = NOW) -> PlanBatch:
    drafts = list(Session.objects.filter(pk__in=session_ids))
    shown = seal_of(drafts, opens_at=None, office=office, by=by)
    batch, _published = publish_drafts(
        office=office, session_ids=session_ids, opens_at=None, shown=shown, by=by, now=now
    )
    return batch


def undo(batch: PlanBatch, *, by: User, now: datetime = NOW) -> Outcome:
    return undo_batch(office=batch.consulate, batch_id=batch.pk, by=by, now=now)


def factor(
    office: Consulate, share: str | Decimal, *, by: User, first: date = DAY, last: date = DAY, now: datetime = NOW
) -> tuple[CapacityFactor, Fitted]:
    wanted = FactorPlan(office, first, last, Decimal(share), CapacityReason.HEALTH)
    shown = seal_factor(wanted, preview_factor(wanted, now=now), by=by)
    return set_factor(wanted, shown=shown, by=by, now=now)
