"""A procedure stops being offered in an office for some days, and is offered again."""

from datetime import date, datetime

from consulates.models import Consulate, Procedure, Suspension
from consulates.services.sessions import SupplyError
from mexitel.accounts.models import User
from mexitel.audit.services import record


class AlreadySuspended(SupplyError):
    """On one of these days the office does not offer the procedure already."""

    code = "already_suspended"


def is_suspended(consulate: Consulate, procedure: Procedure, *, first: date, last: date) -> bool:
    """On any of the days."""
    found = Suspension.objects.in_force().filter(consulate=consulate, procedure=procedure)
    return found.filter(first_date__lte=last, last_date__gte=first).exists()


def suspend(
    *,
    consulate: Consulate,
    procedure_id: int,
    first: date,
    last: date,
    reason_es: str,
    reason_en: str,
    by: User,
    now: datetime,
) -> Suspension:
    """From now on nobody holds or confirms ``procedure`` there on those days; the caller looks after who booked."""
    made = Suspension.objects.create(
        consulate=consulate,
        procedure_id=procedure_id,
        first_date=first,
        last_date=last,
        reason_es=reason_es,
        reason_en=reason_en,
        created_at=now,
        created_by=by,
    )
    detail = {"procedure": procedure_id, "first": first.isoformat(), "last": last.isoformat()}
    record(actor=by, action="suspension.start", target=made, now=now, office_id=consulate.pk, reason=reason_es,
           detail=detail)  # fmt: skip
    return made


def resume(suspension: Suspension, *, by: User, now: datetime) -> None:
    """Offered again. Whoever was moved stays moved; ending it twice changes nothing."""
    ended = Suspension.objects.filter(pk=suspension.pk, ended_at=None).update(ended_at=now, ended_by=by)
    if ended:
        record(actor=by, action="suspension.end", target=suspension, now=now, office_id=suspension.consulate_id)
