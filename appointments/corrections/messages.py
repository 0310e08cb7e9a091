"""The confirmation once more, with the names as they stand now."""

from datetime import datetime

from appointments.models import Correction
from appointments.notifications.handlers import load, tell


def corrected(*, outbox_id: int, payload: dict, now: datetime) -> None:
    """{"correction"}; nothing once the appointment is over or was cancelled."""
    made = Correction.objects.select_related("appointment").filter(pk=payload["correction"]).first()
    if made is None:
        return
    appointments = [one for one in load([str(made.appointment_id)]) if one.can_change(now=now)]
    tell("appointment.corrected", appointments, about=[str(made.pk)], now=now, with_calendar=True)
