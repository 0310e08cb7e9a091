"""What people must know now about an office: its own notices and the network's, the most urgent first."""

from collections.abc import Collection
from datetime import datetime

from django.db.models import Case, IntegerField, Q, Value, When

from consulates.models import Consulate, Notice, NoticeLevel

_BY_URGENCY = Case(
    When(level=NoticeLevel.URGENT, then=Value(0)),
    When(level=NoticeLevel.WARNING, then=Value(1)),
    default=Value(2),
    output_field=IntegerField(),
)


def notices_for(office: Consulate | None, now: datetime) -> list[Notice]:
    """Of ``office`` and of the network; without an office the network's alone. One query."""
    return notices_of([office.pk] if office else [], now)


def notices_of(office_ids: Collection[int], now: datetime) -> list[Notice]:
    """Of several offices and of the network, each with its office at hand. One query."""
    found = Notice.objects.in_force(now=now).filter(Q(consulate=None) | Q(consulate__in=office_ids))
    return list(found.select_related("consulate").order_by(_BY_URGENCY, "-starts_at", "-id"))
