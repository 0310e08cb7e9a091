"""Somebody was charged for an appointment: file what they tell, read it, and tie it to a case.

A report scores nobody and reaches nobody by itself. A reviewer reads it; what it is worth is said in the case, and only
a decision there changes anything.
"""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction

from antifraud.models import Case, CaseEvent, ChargeReport, ReportState
from antifraud.oversight.errors import NoSuchCase, ReadAlready
from appointments.models import Appointment
from mexitel.accounts.addresses import canonical_phone
from mexitel.accounts.models import User
from mexitel.audit.services import record
from mexitel.utils.crypto import keyed_hash
from mexitel.utils.emails import canonical_email


def file_report(
    *,
    now: datetime,
    source: str = "page",
    how: str = "",
    dollars: Decimal | int | None = None,
    contact: str = "",
    words: str = "",
    consulate_id: int | None = None,
    reference: str = "",
    appointment_id: UUID | None = None,
) -> ChargeReport:
    """Keep a report; everything but ``source`` may be unknown. ``contact`` is of whoever charged.

    A ``reference`` that is no appointment's is forgotten without a word: the answer tells nobody which ones exist.
    """
    return ChargeReport.objects.create(
        source=source, how=how, dollars=dollars, contact=contact.strip(), contact_key=contact_key(contact), words=words,
        consulate_id=consulate_id, appointment_id=appointment_id or _of_reference(reference), filed_at=now,
    )  # fmt: skip


def contact_key(typed: str) -> bytes | None:
    """The keyed hash by which two reports are about one contact, however it was typed; None of nothing."""
    text = " ".join(typed.split()).casefold()
    if not text:
        return None
    try:
        text = canonical_email(text) if "@" in text else canonical_phone(text)
    except ValidationError:
        text = text.removeprefix("https://").removeprefix("http://").removeprefix("www.").rstrip("/")
    return keyed_hash("report contact", text)


def _of_reference(reference: str) -> UUID | None:
    tidy = "".join(reference.split()).upper()
    return Appointment.objects.filter(reference=tidy).values_list("pk", flat=True).first() if tidy else None


@transaction.atomic
def link_report(*, report_id: UUID, case_id: int, grade: int, note: str, by: User, now: datetime) -> None:
    """Tie it to a case, whose page tells so; ``grade`` (3 to 6 bits) is the reviewer's word and changes no score.
    Raises ReadAlready or NoSuchCase.
    """
    report = _unread(report_id)
    case = Case.objects.filter(pk=case_id).exclude(agent_id=by.pk).first()
    if case is None:
        raise NoSuchCase
    report.case, report.grade = case, grade
    _close(report, ReportState.LINKED, note, by, now)
    detail = {"report": str(report.pk), "grade": grade}
    CaseEvent.objects.create(case=case, at=now, kind="report_linked", actor=by, detail=detail)
    record(
        actor=by, action="report.link", target=report, now=now, reason=note, detail={"case": case.pk, "grade": grade}
    )


@transaction.atomic
def set_aside(*, report_id: UUID, note: str, by: User, now: datetime) -> None:
    """Nothing to follow. Raises ReadAlready."""
    report = _unread(report_id)
    _close(report, ReportState.NOTHING, note, by, now)
    record(actor=by, action="report.set_aside", target=report, now=now, reason=note)


def _unread(report_id: UUID) -> ChargeReport:
    report = ChargeReport.objects.select_for_update(of=("self",)).get(pk=report_id)
    if report.state != ReportState.NEW:
        raise ReadAlready
    return report


def _close(report: ChargeReport, state: ReportState, note: str, by: User, now: datetime) -> None:
    report.state, report.note, report.closed_by, report.closed_at = state, note, by, now
    report.save(update_fields=["state", "note", "closed_by", "closed_at", "case", "grade"])


def similar(report: ChargeReport) -> int:
    """How many other reports are about the same contact."""
    if report.contact_key is None:
        return 0
    return ChargeReport.objects.filter(contact_key=bytes(report.contact_key)).exclude(pk=report.pk).count()


def cases_near(report: ChargeReport, *, reader_id: int) -> list[Case]:
    """Cases in which the appointment that it names stands, for the reviewer to choose from."""
    if report.appointment_id is None:
        return []
    found = Case.objects.filter(appointments__appointment=report.appointment_id).exclude(agent_id=reader_id)
    return list(found.order_by("-opened_at")[:5])
