"""A file is brought, checked, and saved whole or not at all."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from consulates.access import Access
from consulates.models import Consulate, Upload
from consulates.roles import May
from consulates.services import SessionOverlaps, plan_sessions
from mexitel.accounts.models import User
from mexitel.audit.services import record
from mexitel.utils.db import named_violations

from .checks import Check
from .offices import check_offices
from .sessions import check_sessions, known_to

SESSIONS, OFFICES = "sessions", "offices"
KEPT = timedelta(days=1)


class NotFine(Exception):
    """The check found errors; ``check`` has them. Nothing was saved."""

    code = "not_fine"

    def __init__(self, check: Check) -> None:
        super().__init__(f"{len(check.problems)} errors")
        self.check = check


class SavedAlready(Exception):
    code = "saved_already"


def keep_upload(*, office: Consulate, subject: str, name: str, content: bytes, by: User, now: datetime) -> Upload:
    """Keep the file until it is saved. This person's older files that nobody saved go."""
    with transaction.atomic():
        Upload.objects.filter(author=by, saved_at=None, created_at__lt=now - KEPT).delete()
        upload = Upload.objects.create(
            consulate=office, author=by, subject=subject, name=name[:120], content=content, created_at=now
        )
        record(actor=by, action="import.upload", target=upload, now=now, office_id=office.id)
    return upload


def check_upload(upload: Upload, access: Access, *, now: datetime) -> Check:
    """What saving would make now. Offices are made by the whole network's roles alone."""
    content = bytes(upload.content or b"")
    if upload.subject == OFFICES:
        if not access.everywhere(May.TRANSFER):
            check = Check()
            check.refuse(None, _("Only the coordination of the network may add offices."))
            return check
        return check_offices(content)
    return check_sessions(content, known_to(access.offices(May.TRANSFER)), today=now.date())


def save_upload(*, upload: Upload, access: Access, by: User, now: datetime) -> int:
    """Save everything that the file says, as drafts, or nothing; returns how many rows were made.

    Raises NotFine or SavedAlready. The file is checked again: the world may have changed since it was shown.
    """
    with transaction.atomic():
        upload = Upload.objects.select_for_update().get(pk=upload.pk)
        if upload.saved_at:
            raise SavedAlready
        check = check_upload(upload, access, now=now)
        if not check.is_fine:
            raise NotFine(check)
        ids = _make_offices(check) if upload.subject == OFFICES else _make_sessions(check)
        upload.content, upload.saved_at, upload.made = None, now, len(ids)
        upload.save(update_fields=["content", "saved_at", "made"])
        detail = {"made": len(ids), "first": min(ids), "last": max(ids)}
        record(
            actor=by,
            action=f"import.{upload.subject}",
            target=upload,
            now=now,
            office_id=upload.consulate_id,
            detail=detail,
        )
    return len(ids)


def _make_sessions(check: Check) -> list[int]:
    try:
        return [session.id for session in plan_sessions([plan for _line, plan in check.made])]
    except SessionOverlaps as error:
        check.refuse(None, _("Somebody planned a session at this very moment. Check the file again."))
        raise NotFine(check) from error


def _make_offices(check: Check) -> list[int]:
    def taken() -> NotFine:
        check.refuse(None, _("Somebody added an office at this very moment. Check the file again."))
        return NotFine(check)

    with named_violations({"consulates_consulate_code_key": taken}):
        return [office.id for office in Consulate.objects.bulk_create([office for _line, office in check.made])]
