from datetime import datetime

from django.db import transaction

from consulates.models import Consulate, OfficeLine
from mexitel.accounts.models import User
from mexitel.audit.services import record


def set_office_line(
    *, office: Consulate, phone: str, hours_es: str, hours_en: str, author: User, now: datetime
) -> None:
    """The number (E.164) and the hours that the office's page shows from now on; without ``phone``, none."""
    with transaction.atomic():
        if phone:
            said = {"phone": phone, "hours_es": hours_es, "hours_en": hours_en, "updated_at": now, "updated_by": author}
            OfficeLine.objects.update_or_create(consulate=office, defaults=said)
        else:
            OfficeLine.objects.filter(consulate=office).delete()
        detail = {"shown": bool(phone)}
        record(actor=author, action="office.line", target=office, now=now, office_id=office.pk, detail=detail)
