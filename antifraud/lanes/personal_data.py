"""What this room knows about a person: for the copy that they may download, and for the deletion of their account."""

from datetime import datetime
from typing import Any

from antifraud.lanes import helping
from antifraud.models import Helper, Step
from appointments.models import CapOverride
from mexitel.accounts.models import User


def own_data(user: User) -> dict[str, Any]:
    requests = Helper.objects.filter(account=user).order_by("asked_at")
    return {
        "helper_requests": [
            {
                "asked_at": one.asked_at, "name": one.name, "organisation": one.organisation, "place": one.place,
                "state": one.state, "why": one.why, "until": one.until,
            }
            for one in requests
        ],
    }  # fmt: skip


def forget(user: User, now: datetime) -> None:
    """A registration ends with the account; that there was one, and who decided, stays without its name."""
    helping.leave(account=user, now=now)
    Step.objects.filter(account=user).delete()
    Helper.objects.filter(account=user).update(name="", organisation="", place="")
    CapOverride.objects.filter(account=user).update(shown_name="")
