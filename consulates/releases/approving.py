"""What makes a release public, and what takes it back before it opens: one transaction each."""

from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.dispatch import Signal
from django.utils.crypto import constant_time_compare, salted_hmac

from consulates.announcing.signed import sign_announcement
from consulates.models import (
    AnnouncementKind,
    Gate,
    Procedure,
    Release,
    ReleaseOffice,
    ReleaseState,
    Session,
    SessionStatus,
    Slot,
)
from consulates.planning.factors import hold_still
from consulates.services.sessions import publish_sessions
from consulates.signals import release_announced, release_cancelled
from mexitel.accounts.models import User
from mexitel.utils.db import named_violations

from .drafting import lock_draft, record_in_offices, releasable
from .errors import (
    NotAnnounced,
    NothingToRelease,
    NotReleasable,
    OpensTooSoon,
    OwnApproval,
    ShownOtherwise,
    TooLateToCancel,
)
from .moments import NOTICE
from .numbers import counted, fill, offices_of


def seal_of(release: Release, sessions: Collection[Session], offices: Collection[ReleaseOffice]) -> str:
    """One word for a draft as it was shown: its terms, its sessions, and how many places they give."""
    facts: list[Any] = [
        release.pk, release.name, release.name_en, str(release.mode), release.joins_from, release.opens_to_all_at,
        release.phone_share, release.phone_until, sorted(release.procedures.values_list("pk", flat=True)),
    ]  # fmt: skip
    facts += sorted((s.pk, s.status, s.starts_at, s.ends_at, s.city, s.place_name) for s in sessions)
    facts += sorted((o.consulate_id, o.opens_at, o.seats, o.phone_seats) for o in offices)
    return salted_hmac("consulates.releases.approve", repr(facts)).hexdigest()


def approve(release: Release, *, shown: str, by: User, now: datetime) -> Release:
    """Publish the sessions of a draft as they were ``shown`` (a seal) and announce it: from now on nobody edits it.

    Raises NoLongerDraft, OwnApproval, OpensTooSoon, NothingToRelease, NotReleasable, ShownOtherwise, CalendarError or
    NotDraft; each leaves everything as it was.
    """
    errors: dict[str, Callable[[], Exception]] = {"release_approved_by_another_person": OwnApproval}
    with named_violations(errors):
        draft = lock_draft(release)
        if draft.opens_at < now + NOTICE:
            raise OpensTooSoon
        sessions = _lock_sessions(draft, now=now)
        offices = offices_of(draft, sessions)
        if not sum(office.seats for office in offices):
            raise NothingToRelease
        if not constant_time_compare(shown, seal_of(draft, sessions, offices)):
            raise ShownOtherwise
        draft.state, draft.approved_by, draft.approved_at, draft.announced_at = ReleaseState.ANNOUNCED, by, now, now
        draft.save(update_fields=["state", "approved_by", "approved_at", "announced_at"])
        _open(draft, sessions, {office.consulate_id: office.opens_at for office in offices}, by=by, now=now)
        _give_shares(draft, sessions, offices)
        if not draft.procedures.exists():
            draft.procedures.set(Procedure.objects.filter(sessions__in=sessions).distinct())
        record_in_offices(draft, "release.approve", by=by, now=now, seats=sum(office.seats for office in offices))
        sign_announcement(draft, kind=AnnouncementKind.ANNOUNCED, now=now)
        _after_commit(release_announced, draft, now)
    return draft


def _lock_sessions(draft: Release, *, now: datetime) -> list[Session]:
    """Offices before sessions, as acts of planners lock them; nobody sets a capacity factor meanwhile."""
    ids = list(draft.sessions.values_list("pk", flat=True))
    hold_still(ids)
    rows = Session.objects.filter(pk__in=ids).order_by("pk")
    sessions = list(rows.select_for_update(of=("self",), no_key=True))
    may = set(releasable(now=now, release=draft).filter(pk__in=ids).values_list("pk", flat=True))
    opens = dict(draft.offices.values_list("consulate_id", "opens_at"))
    wrong = {s.pk for s in sessions if s.pk not in may or s.starts_at <= opens.get(s.consulate_id, s.starts_at)}
    if wrong or len(sessions) != len(ids):
        raise NotReleasable(wrong)
    return sessions


def _open(
    release: Release, sessions: Collection[Session], opens: Mapping[int, datetime], *, by: User, now: datetime
) -> None:
    drafts = [session.pk for session in sessions if session.status == SessionStatus.DRAFT]
    publish_sessions(
        drafts, opening=lambda session, _number: opens[session.consulate_id], now=now, gate=Gate(release.mode), by=by
    )
    slots = Slot.objects.filter(session__in=[session.pk for session in sessions])
    for office_id, opens_at in opens.items():
        slots.filter(consulate=office_id).update(
            gate=release.mode,
            opens_at=opens_at,
            opens_to_all_at=release.opens_to_all_at,
            phone_until=release.phone_until,
        )


# The first of the public's units: a capacity factor, which withdraws from the end, leaves the telephone's out last.
TO_THE_TELEPHONE = """
WITH plan AS (
    SELECT * FROM unnest(%(slots)s::bigint[], %(phone)s::int[]) AS plan (slot_id, phone)
), ranked AS (
    SELECT seat.id, row_number() OVER (PARTITION BY seat.slot_id ORDER BY seat.unit) <= plan.phone AS is_kept
    FROM consulates_seat seat JOIN plan USING (slot_id)
    WHERE seat.pool = 'public' AND seat.withdrawn_at IS NULL
)
UPDATE consulates_seat seat SET pool = 'phone' FROM ranked WHERE ranked.id = seat.id AND is_kept
"""


def _give_shares(release: Release, sessions: Collection[Session], offices: Collection[ReleaseOffice]) -> None:
    """The telephone's places, and on each office's row how many there are: the public pages never count."""
    times = counted([session.pk for session in sessions])
    phone = fill(offices, sessions, times, share=release.phone_share)
    kept = [(each.slot_id, seats) for each, seats in zip(times, phone, strict=True) if seats]
    with connection.cursor() as cursor:
        cursor.execute(TO_THE_TELEPHONE, {"slots": [slot for slot, _ in kept], "phone": [seats for _, seats in kept]})
    ReleaseOffice.objects.bulk_update(offices, ["seats", "phone_seats", "first_day", "last_day"])


@transaction.atomic
def cancel(release: Release, *, reason: str, reason_en: str = "", by: User, now: datetime) -> Release:
    """Take an announced release back before it opens; ``reason`` is for the public, in Spanish and in English. Its
    sessions stay published, opened to nobody, and may go into another release. Raises NotAnnounced or TooLateToCancel.
    """
    found = Release.objects.select_for_update().get(pk=release.pk)
    if found.state != ReleaseState.ANNOUNCED:
        raise NotAnnounced
    if found.opens_at < now + NOTICE:
        raise TooLateToCancel
    found.state, found.cancelled_at, found.cancelled_by = ReleaseState.CANCELLED, now, by
    found.cancel_reason, found.cancel_reason_en = reason, reason_en
    found.save(update_fields=["state", "cancelled_at", "cancelled_by", "cancel_reason", "cancel_reason_en"])
    sign_announcement(found, kind=AnnouncementKind.CANCELLED, now=now)
    sessions = list(found.sessions.values_list("pk", flat=True))
    _park(sessions)
    record_in_offices(found, "release.cancel", by=by, now=now, reason=reason, sessions=len(sessions))
    _after_commit(release_cancelled, found, now)
    return found


# Published, and never bookable as they stand: a slot that opens when its session has ended is open at no moment.
PARK = """
UPDATE consulates_slot slot SET gate = 'open', opens_at = session.ends_at, opens_to_all_at = NULL, phone_until = NULL
FROM consulates_session session WHERE session.id = slot.session_id AND session.id = ANY (%(sessions)s)
"""
BACK_TO_THE_PUBLIC = """
UPDATE consulates_seat seat SET pool = 'public' FROM consulates_slot slot
WHERE slot.id = seat.slot_id AND seat.pool = 'phone' AND slot.session_id = ANY (%(sessions)s)
"""


def _park(session_ids: Collection[int]) -> None:
    hold_still(session_ids)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = '10min'")
        for statement in (PARK, BACK_TO_THE_PUBLIC):
            cursor.execute(statement, {"sessions": list(session_ids)})
    Session.objects.filter(pk__in=session_ids).update(release=None)


def _after_commit(signal: Signal, release: Release, at: datetime) -> None:
    transaction.on_commit(lambda: signal.send_robust(sender=Release, release_id=release.pk, at=at), robust=True)
