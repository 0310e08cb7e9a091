"""Writing a release down: its terms, its offices and its sessions. Nobody outside sees any of it."""

from collections.abc import Collection, Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from consulates.models import Consulate, Release, ReleaseOffice, ReleaseState, Session, SessionStatus, Slot
from mexitel.accounts.models import User
from mexitel.audit.services import record

from .errors import NoLongerDraft, NotReleasable
from .moments import NOTICE, Moments, Terms, moments_of


def releasable(*, now: datetime, release: Release | None = None) -> QuerySet[Session]:
    """Sessions to come that may go into a release, or are in ``release`` already: drafts, and published ones of which
    nothing can be booked yet, nor soon.
    """
    opened = Slot.objects.filter(session=OuterRef("pk"), opens_at__lte=now + NOTICE)
    free = Q(release=None) if release is None else Q(release=None) | Q(release=release)
    unopened = Q(status=SessionStatus.DRAFT) | Q(status=SessionStatus.PUBLISHED) & ~Exists(opened)
    return Session.objects.filter(free, unopened, starts_at__gt=now).order_by("starts_at", "id")


@transaction.atomic
def save_draft(
    terms: Terms, *, offices: Sequence[Consulate], by: User | None, now: datetime, release: Release | None = None
) -> Release:
    """Write down a release, or ``release`` anew; of its sessions those of offices that are no longer in it go.

    Raises CalendarError, DifferentMoments, TelephoneEndsTooSoon or NoLongerDraft.
    """
    moments = moments_of(terms, {office.pk: office.time_zone for office in offices})
    draft = Release(made_by=by, made_at=now) if release is None else lock_draft(release)
    _write(draft, terms, moments)
    draft.save()
    draft.procedures.set(terms.procedures)
    draft.offices.all().delete()
    ReleaseOffice.objects.bulk_create(
        [ReleaseOffice(release=draft, consulate_id=office, opens_at=at) for office, at in moments.opens.items()]
    )
    draft.sessions.exclude(consulate__in=offices).update(release=None)
    record_in_offices(draft, "release.draft" if release is None else "release.edit", by=by, now=now)
    return draft


def _write(draft: Release, terms: Terms, moments: Moments) -> None:
    draft.name, draft.name_en, draft.mode = terms.name, terms.name_en, terms.mode
    draft.opens_at, draft.joins_from = moments.first, moments.joins_from
    draft.opens_to_all_at = moments.opens_to_all_at
    draft.phone_share, draft.phone_until = terms.phone_share, moments.phone_until


@transaction.atomic
def choose_sessions(
    release: Release, *, chosen: Collection[int], among: Collection[int], by: User | None, now: datetime
) -> int:
    """Of the sessions ``among``, those ``chosen`` are in the release and the others not; returns how many it has then.

    Raises NoLongerDraft, or NotReleasable when one of them opened or went elsewhere meanwhile.
    """
    draft = lock_draft(release)
    wanted = set(chosen) & set(among)
    there = releasable(now=now, release=draft).filter(pk__in=wanted, consulate__in=draft.consulates.all())
    locked = set(there.select_for_update(of=("self",), no_key=True).values_list("pk", flat=True))
    if gone := wanted - locked:
        raise NotReleasable(gone)
    draft.sessions.filter(pk__in=set(among) - wanted).update(release=None)
    Session.objects.filter(pk__in=wanted).update(release=draft)
    number = draft.sessions.count()
    record_in_offices(draft, "release.sessions", by=by, now=now, sessions=number)
    return number


@transaction.atomic
def discard_draft(release: Release, *, by: User, now: datetime) -> None:
    """Give a draft up; its sessions stay as they are. Raises NoLongerDraft."""
    draft = lock_draft(release)
    record_in_offices(draft, "release.discard", by=by, now=now)
    draft.sessions.update(release=None)
    draft.delete()


def lock_draft(release: Release) -> Release:
    """The row, held until the transaction ends: what happens to a release happens one after the other."""
    found = Release.objects.select_for_update().filter(pk=release.pk).first()
    if found is None or found.state != ReleaseState.DRAFT:
        raise NoLongerDraft
    return found


def record_in_offices(
    release: Release, action: str, *, by: User | None, now: datetime, reason: str = "", **detail: object
) -> None:
    """One line for each office, so that each reads its own."""
    for office_id in release.offices.order_by("consulate_id").values_list("consulate_id", flat=True):
        record(actor=by, action=action, target=release, now=now, office_id=office_id, reason=reason, detail=detail)


def parked(*, now: datetime) -> QuerySet[Session]:
    """Published sessions to come that open at no moment, because their release was cancelled (approving.py)."""
    opening = Slot.objects.filter(session=OuterRef("pk"), opens_at__lt=F("starts_at"))
    slots = Slot.objects.filter(session=OuterRef("pk"))
    waiting = Session.objects.published().filter(release=None, starts_at__gt=now)
    return waiting.filter(Exists(slots), ~Exists(opening))
