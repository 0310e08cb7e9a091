"""Each month some decisions of each office are looked at again, by somebody else than who decided."""

import hashlib
import secrets
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction

from appointments.emergencies.errors import AnsweredAlready, SameSigner
from appointments.models import EmergencyRequest, SampleDraw, SampledRequest
from appointments.models.emergency import DECIDED
from consulates.models import Consulate
from consulates.wording import local_day
from mexitel.accounts.models import User
from mexitel.audit.services import record

SAMPLE_SIZE = 5  # of an office and month; all of them when there are fewer


def chosen(ids: Sequence[UUID], *, seed: str, size: int = SAMPLE_SIZE) -> list[UUID]:
    """Pure: the same ids and seed choose the same, on any machine and in any order of ``ids``.

    Each id is ranked by SHA-256 of the seed and itself; the lowest win.
    """
    ranked = sorted(ids, key=lambda pk: hashlib.sha256(f"{seed}:{pk}".encode()).digest())
    return ranked[:size]


def month_before(day: date) -> date:
    return (day.replace(day=1) - timedelta(days=1)).replace(day=1)


def draw_month(*, consulate: Consulate, month: date, now: datetime, seed: str = "") -> SampleDraw | None:
    """The sample of ``month`` (its first day), once; None when nothing was decided. A second call changes nothing."""
    known = SampleDraw.objects.filter(consulate=consulate, month=month).first()
    ids = decided_in(consulate, month)
    if known is not None or not ids:
        return known
    seed = seed or secrets.token_hex(16)
    with transaction.atomic():
        draw, created = SampleDraw.objects.get_or_create(
            consulate=consulate, month=month, defaults={"seed": seed, "population": len(ids), "drawn_at": now}
        )
        if created:
            picked = EmergencyRequest.objects.filter(pk__in=chosen(ids, seed=seed))
            SampledRequest.objects.bulk_create(
                SampledRequest(draw=draw, request=request, decided_by=request.decided_by) for request in picked
            )
            record(
                actor=None,
                action="emergency.sample",
                target=draw,
                now=now,
                office_id=consulate.pk,
                detail={"seed": seed, "population": len(ids)},
            )
    return draw


def draw_due(*, now: datetime) -> int:
    """Last month's sample of every office that has none yet, each by its own calendar; returns how many were drawn."""
    drawn = 0
    for consulate in Consulate.objects.real():
        month = month_before(local_day(now, consulate.time_zone))
        if not SampleDraw.objects.filter(consulate=consulate, month=month).exists():
            drawn += draw_month(consulate=consulate, month=month, now=now) is not None
    return drawn


def decided_in(consulate: Consulate, month: date) -> list[UUID]:
    after = (month + timedelta(days=31)).replace(day=1)
    found = EmergencyRequest.objects.filter(
        consulate=consulate, status__in=DECIDED, decided_on__gte=month, decided_on__lt=after
    )
    return list(found.order_by("pk").values_list("pk", flat=True))


@transaction.atomic
def note_finding(*, sampled_id: int, reviewer: User, finding: str, note: str, now: datetime) -> None:
    """Once, and never by who decided. Raises AnsweredAlready or SameSigner."""
    sampled = SampledRequest.objects.select_for_update(of=("self",)).select_related("draw").get(pk=sampled_id)
    if sampled.finding:
        raise AnsweredAlready
    if sampled.decided_by_id == reviewer.pk:
        raise SameSigner
    sampled.finding, sampled.note = finding, note
    sampled.reviewed_by, sampled.reviewed_at = reviewer, now
    sampled.save()
    record(
        actor=reviewer,
        action="emergency.review",
        target=sampled,
        now=now,
        office_id=sampled.draw.consulate_id,
        reason=note,
        detail={"finding": finding},
    )
