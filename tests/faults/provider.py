"""A mail provider for fault tests: it can be made to take long, and keeps every mail that it got as a file."""

import time
from pathlib import Path

from django.conf import settings

from mexitel.outbox import services
from mexitel.outbox.mail import FileBackend


class SlowFileBackend(FileBackend):
    """While the file ``hold`` stands in the folder, a mail is begun but not taken."""

    def send_messages(self, email_messages):
        folder = Path(settings.MESSAGES_DIR)
        if (folder / "hold").exists():
            (folder / "begun").touch()
            deadline = time.monotonic() + 30
            while (folder / "hold").exists() and time.monotonic() < deadline:
                time.sleep(0.02)
        return super().send_messages(email_messages)


def booked(*, outbox_id, payload, now):
    """As the booking's own handler does: the event becomes a mail, once."""
    services.send_mail(
        to="ana@correo.example",
        subject=f"Cita {payload['event']}",
        text="La cita es gratuita.",
        language="es",
        now=now,
        kind="appointment.booked",
        dedupe_key=f"appointment.booked:{payload['event']}",
    )
