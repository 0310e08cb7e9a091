"""Notices of an office or of the network: posted, corrected and ended, each with a line in the trail."""

from datetime import datetime

from django.db import transaction

from consulates.models import Consulate, Notice
from mexitel.accounts.models import User
from mexitel.audit.services import record


@transaction.atomic
def post_notice(
    *,
    office: Consulate | None,
    level: str,
    title_es: str,
    title_en: str,
    text_es: str,
    text_en: str,
    starts_at: datetime,
    ends_at: datetime,
    by: User,
    now: datetime,
) -> Notice:
    """Without an ``office`` it is the whole network's: the caller has asked whether ``by`` may."""
    notice = Notice.objects.create(
        consulate=office,
        level=level,
        title_es=title_es,
        title_en=title_en,
        text_es=text_es,
        text_en=text_en,
        starts_at=starts_at,
        ends_at=ends_at,
        made_by=by,
        made_at=now,
    )
    record(actor=by, action="notice.post", target=notice, now=now, office_id=notice.consulate_id)
    return notice


@transaction.atomic
def end_notice(*, notice: Notice, by: User, now: datetime) -> None:
    """It is not shown any more. Ending it twice is ending it once."""
    if Notice.objects.filter(pk=notice.pk, ended_at=None).update(ended_at=now):
        record(actor=by, action="notice.end", target=notice, now=now, office_id=notice.consulate_id)
