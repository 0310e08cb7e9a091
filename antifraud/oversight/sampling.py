"""The monthly look at appointments that nobody suspects, by lot: what its reviewers find says how much is missed."""

import secrets
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from django.db import connection, transaction

from antifraud.models import AuditDraw, CaseKind
from antifraud.models.oversight import SAMPLE
from antifraud.rulesets import in_force
from antifraud.services.cases import Found, open_case
from appointments.models import Appointment

# The lot of an appointment is a hash of the seed and its id: whoever has both draws the same ones again.
UNFLAGGED = """
FROM appointments_appointment a JOIN consulates_consulate c ON c.id = a.consulate_id AND NOT c.is_practice
WHERE a.created_at >= %s AND a.created_at < %s
  AND NOT EXISTS (SELECT FROM antifraud_caseappointment f WHERE f.appointment_id = a.id)
"""


def month_before(now: datetime) -> date:
    """The first day of the month before that of ``now`` (UTC)."""
    return (now.date().replace(day=1) - timedelta(days=1)).replace(day=1)


@transaction.atomic
def draw(*, now: datetime, seed: int | None = None) -> AuditDraw | None:
    """Last month's sample, each appointment as a case of its own; None when the month was drawn already."""
    month = month_before(now)
    made, is_new = AuditDraw.objects.get_or_create(
        month=month,
        defaults={"seed": secrets.randbits(62) if seed is None else seed, "population": 0, "drawn_at": now},
    )
    if not is_new:
        return None
    made.population, chosen = chosen_of(month, made.seed)
    accounts = dict(Appointment.objects.filter(pk__in=chosen).values_list("pk", "account_id"))
    nothing = Found(ruleset=in_force(now).number, score=0.0, reasons=[])
    made.case_ids = [
        open_case(found=nothing, account_ids=[accounts[pk]], appointment_ids=[pk], kind=CaseKind.AUDIT, now=now).pk
        for pk in chosen
    ]
    made.save(update_fields=["population", "case_ids"])
    return made


def chosen_of(month: date, seed: int) -> tuple[int, list[UUID]]:
    """How many stand in no case, and which ones the seed draws of them."""
    begins = datetime(month.year, month.month, 1, tzinfo=UTC)
    span = [begins, (begins + timedelta(days=32)).replace(day=1)]
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) {UNFLAGGED}", span)
        count = cursor.fetchone()[0]
        cursor.execute(f"SELECT a.id {UNFLAGGED} ORDER BY md5(%s || a.id::text) LIMIT %s", [*span, str(seed), SAMPLE])
        return count, [pk for (pk,) in cursor.fetchall()]
