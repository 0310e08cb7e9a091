"""Saving what a preview has shown: all of it or none, as one act that can be undone."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.crypto import constant_time_compare

from consulates.models import Consulate, PlanAct, PlanBatch, Session
from consulates.services.sessions import SessionOverlaps, SessionPlan, fit, plan_sessions
from mexitel.accounts.models import User
from mexitel.audit.services import record
from mexitel.utils.db import violated_constraint

from .errors import CannotBeSaved, WorldChanged
from .preview import Proposal, preview, seal
from .shapes import plan_of_session, shape_of
from .world import world_for

ONE_AT_A_TIME = "consulates_session_one_at_a_time_in_a_place"


def lock_office(office: Consulate) -> None:
    """Acts of planners of one office follow one another, and no session of theirs is published meanwhile."""
    Consulate.objects.select_for_update(no_key=True).get(pk=office.pk)


@transaction.atomic
def save_proposal(*, office: Consulate, proposal: Proposal, shown: str, by: User, now: datetime) -> PlanBatch:
    """Save what ``shown`` (the seal of a preview) stands for, and remember how to take it back.

    Raises WorldChanged (what stands has changed since, or the seal is of something else), CannotBeSaved or
    SessionOverlaps; each leaves everything as it was.
    """
    lock_office(office)
    world = world_for(proposal, office, now=now)
    found = preview(proposal, world)
    if not constant_time_compare(shown, seal(proposal, world, office_id=office.pk, by=by.pk)):
        raise WorldChanged(found)
    if not found.can_be_saved:
        raise CannotBeSaved(found)
    removed = list(
        Session.objects.filter(id__in=proposal.removes).select_related("consulate").prefetch_related("procedures")
    )
    before = [
        {"id": session.id, "day": session.date.isoformat(), "shape": shape_of(plan_of_session(session))}
        for session in removed
    ]
    if proposal.act == PlanAct.EDIT:
        made = [change_draft(removed[0], found.accepted[0])]
    else:
        delete_drafts(removed)
        made = [session.id for session in plan_sessions(found.accepted)]
    batch = PlanBatch.objects.create(
        consulate=office, act=proposal.act, made=made, before=before, made_by=by, made_at=now
    )
    record(
        actor=by,
        action=f"plan.{proposal.act}",
        target=batch,
        now=now,
        office_id=office.pk,
        detail={"sessions": made or [row["id"] for row in before], "seats": found.seats},
    )
    return batch


def change_draft(session: Session, plan: SessionPlan) -> int:
    """Make a draft what ``plan`` says. Raises CalendarError or SessionOverlaps."""
    fit(session, plan)
    try:
        with transaction.atomic():
            session.save()
    except IntegrityError as error:
        if violated_constraint(error) == ONE_AT_A_TIME:
            raise SessionOverlaps from error
        raise
    session.procedures.set(plan.procedures)
    return session.id


def delete_drafts(sessions: list[Session]) -> None:
    ids = [session.id for session in sessions]
    Session.procedures.through.objects.filter(session_id__in=ids).delete()
    Session.objects.filter(id__in=ids, status="draft").delete()
