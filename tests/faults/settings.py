"""For the processes that fault tests start: messages become files, so that they outlive whoever sent them."""

from mexitel.settings.test import *  # noqa: F403
from mexitel.settings.test import OUTBOX_HANDLERS

EMAIL_BACKEND = "tests.faults.provider.SlowFileBackend"
OUTBOX_HANDLERS = {**OUTBOX_HANDLERS, "test.booked": "tests.faults.provider.booked"}
