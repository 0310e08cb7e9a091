from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction

from consulates.models import Consulate, PlanTemplate
from mexitel.accounts.models import User
from mexitel.audit.services import record


@transaction.atomic
def make_template(
    *,
    office: Consulate,
    name: str,
    weekdays: Sequence[int],
    every_weeks: int,
    starts_on: date,
    until: date,
    shape: Mapping[str, Any],
    by: User,
    now: datetime,
) -> PlanTemplate:
    """Keep what recurs. Nothing is planned yet."""
    made = PlanTemplate.objects.create(
        consulate=office,
        name=name,
        weekdays=sorted(weekdays),
        every_weeks=every_weeks,
        starts_on=starts_on,
        until=until,
        shape=shape,
        made_by=by,
        made_at=now,
    )
    record(actor=by, action="template.make", target=made, now=now, office_id=office.pk)
    return made


@transaction.atomic
def delete_template(*, template: PlanTemplate, by: User, now: datetime) -> None:
    """Sessions that were made from it stay."""
    record(actor=by, action="template.delete", target=template, now=now, office_id=template.consulate_id)
    template.delete()
