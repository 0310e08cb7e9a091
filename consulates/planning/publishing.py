"""Draft -> published -> held, with who and when."""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.utils.crypto import constant_time_compare, salted_hmac

from consulates.models import Consulate, PlanAct, PlanBatch, Session
from consulates.services.sessions import NotDraft, Published, publish_sessions
from mexitel.accounts.models import User
from mexitel.audit.services import record

from .errors import NotOver, WorldChanged
from .factors import factors_of
from .preview import Preview
from .saving import lock_office
from .world import decided


def seal_of(drafts: Collection[Session], *, opens_at: datetime | None, office: Consulate, by: User) -> str:
    """One word for drafts as they were shown, with what capacity factors leave of them, and when they open (None: at
    once).
    """
    factors = factors_of([office.pk])
    facts = [
        [
            s.id,
            s.status,
            s.starts_at,
            s.ends_at,
            s.windows,
            s.slot_minutes,
            s.staff_seats,
            s.emergency_seats,
            s.city,
            s.place_name,
            factors.lowest(s).normalize(),
        ]
        for s in sorted(drafts, key=lambda session: session.id)
    ]
    days = [session.date for session in drafts]
    closed = sorted(decided(office, first=min(days), last=max(days)).items()) if days else []
    return salted_hmac("consulates.planning.publish", repr([facts, closed, opens_at, office.pk, by.pk])).hexdigest()


@transaction.atomic
def publish_drafts(
    *, office: Consulate, session_ids: Collection[int], opens_at: datetime | None, shown: str, by: User, now: datetime
) -> tuple[PlanBatch, Published]:
    """Publish drafts of an office as they were ``shown``, bookable at ``opens_at`` (None: now).

    Raises WorldChanged, NotDraft or CalendarError; each leaves all of them drafts.
    """
    lock_office(office)
    drafts = list(Session.objects.filter(id__in=session_ids, consulate=office, status="draft").order_by("id"))
    if missing := set(session_ids) - {session.id for session in drafts}:
        raise NotDraft(missing)
    if not constant_time_compare(shown, seal_of(drafts, opens_at=opens_at, office=office, by=by)):
        raise WorldChanged(Preview())
    ids = [session.id for session in drafts]
    moment = opens_at or now
    published = publish_sessions(ids, opening=lambda _session, _number: moment, now=now, by=by)
    batch = PlanBatch.objects.create(consulate=office, act=PlanAct.PUBLISH, made=ids, made_by=by, made_at=now)
    record(
        actor=by,
        action="plan.publish",
        target=batch,
        now=now,
        office_id=office.pk,
        detail={
            "sessions": ids,
            "seats": published.seats,
            "offered": published.offered,
            "opens_at": moment.isoformat(),
        },
    )
    return batch, published


@transaction.atomic
def mark_held(*, session_ids: Collection[int], by: User | None, now: datetime) -> int:
    """Note that published sessions have taken place; the caller has seen to it that their outcomes are noted.

    Raises NotOver when one of them is not over, or was never published; a session that is held already stays as it is.
    """
    sessions = list(
        Session.objects.filter(id__in=session_ids).select_for_update(of=("self",), no_key=True).order_by("id")
    )
    wrong = [s.id for s in sessions if s.status == "draft" or (s.status == "published" and s.ends_at > now)]
    if wrong := [*wrong, *(set(session_ids) - {session.id for session in sessions})]:
        raise NotOver(wrong)
    held = [session for session in sessions if session.status == "published"]
    for session in held:
        session.status, session.held_at, session.held_by = "held", now, by
        session.save(update_fields=["status", "held_at", "held_by"])
        record(actor=by, action="session.held", target=session, now=now, office_id=session.consulate_id)
    return len(held)
