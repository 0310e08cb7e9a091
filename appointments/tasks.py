"""Tasks take ids by keyword, import what they run in their own body, and may run twice without harm."""

from celery import shared_task


@shared_task
def send_due_reminders() -> int:
    """Every ten minutes. The relay and the workers do the sending."""
    from appointments.notifications import reminders
    from mexitel.utils.time import now

    return reminders.put_due_in_outbox(now=now())
