from collections.abc import Mapping
from datetime import date, datetime

from django.db import transaction

from consulates.models import Consulate, HolidayDecision
from mexitel.accounts.models import User
from mexitel.audit.services import record


@transaction.atomic
def decide_holidays(*, office: Consulate, decisions: Mapping[date, bool], by: User, now: datetime) -> int:
    """Note on which holidays ``office`` rests (True) or works; returns how many decisions are new or other."""
    known = dict(HolidayDecision.objects.filter(consulate=office, day__in=decisions).values_list("day", "is_closed"))
    changed = {day: closed for day, closed in decisions.items() if known.get(day) is not closed}
    rows = [
        HolidayDecision(consulate=office, day=day, is_closed=closed, decided_by=by, decided_at=now)
        for day, closed in sorted(changed.items())
    ]
    HolidayDecision.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["consulate", "day"],
        update_fields=["is_closed", "decided_by", "decided_at"],
    )
    if changed:
        days = {day.isoformat(): "closed" if closed else "open" for day, closed in sorted(changed.items())}
        record(actor=by, action="holiday.decide", target=office, now=now, office_id=office.pk, detail=days)
    return len(changed)
