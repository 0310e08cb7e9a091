"""Drafts that are taken back or made anew. What is published is never touched here."""

from collections.abc import Iterable

from django.db import transaction

from consulates.models import Session, SessionStatus

from .sessions import NotDraft


def discard_drafts(session_ids: Iterable[int]) -> int:
    """Delete all of these drafts, or none. Raises NotDraft when one was published in the meantime."""
    wanted = set(session_ids)
    with transaction.atomic():
        drafts = Session.objects.filter(id__in=wanted, status=SessionStatus.DRAFT).order_by("id")
        if missing := wanted - set(drafts.select_for_update().values_list("id", flat=True)):
            raise NotDraft(missing)
        Session.objects.filter(id__in=wanted).delete()
    return len(wanted)
