"""This room's part of "download my data" and "delete my account"."""

from datetime import datetime

from appointments.models import ReleaseAlert
from mexitel.accounts.models import User


def own_data(user: User) -> dict:
    found = ReleaseAlert.objects.filter(account=user).select_related("consulate", "procedure").order_by("pk")
    return {
        "news_of_openings": [
            {
                "office": one.consulate.name_es,
                "procedure": one.procedure.name_es if one.procedure else None,
                "hour_before": one.hour_before,
                "asked_at": one.made_at.isoformat(),
                "stopped_at": one.stopped_at.isoformat() if one.stopped_at else None,
            }
            for one in found
        ]
    }


def forget(user: User, now: datetime) -> None:
    ReleaseAlert.objects.filter(account=user).delete()
