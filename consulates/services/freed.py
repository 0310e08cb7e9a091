from datetime import datetime

from django.db import transaction

from consulates.models import Consulate, FreedPolicy
from mexitel.accounts.models import User
from mexitel.audit.services import record


def puts_into_draws(office: Consulate) -> bool:
    """Whether seats of this office that somebody gives up go into its next draw."""
    return FreedPolicy.objects.filter(consulate=office, into_draws=True).exists()


def set_freed_policy(*, office: Consulate, into_draws: bool, by: User, now: datetime) -> bool:
    """What becomes of seats that are freed from now on; what rests already stays as it is. Whether it changed."""
    with transaction.atomic():
        Consulate.objects.select_for_update(no_key=True).get(pk=office.pk)
        if puts_into_draws(office) == into_draws:
            return False
        said = {"into_draws": into_draws, "changed_at": now, "changed_by": by}
        FreedPolicy.objects.update_or_create(consulate=office, defaults=said)
        detail = {"into_draws": into_draws}
        record(actor=by, action="office.freed", target=office, now=now, office_id=office.pk, detail=detail)
        return True
