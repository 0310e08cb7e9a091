import json
import re
from datetime import UTC, datetime

import pytest
from django.test import Client

from mexitel.accounts.limits import Origin
from mexitel.outbox.models import OutgoingMessage

NOW = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
ELSEWHERE = "203.0.113.7"  # loopback is not counted in the embedded run


@pytest.fixture
def now():
    return NOW


@pytest.fixture
def origin():
    return Origin.at(ELSEWHERE)


@pytest.fixture
def client():
    return Client(REMOTE_ADDR=ELSEWHERE)


class Sent:
    """What the outbox keeps to be sent, newest last."""

    def all(self, kind=None):
        rows = OutgoingMessage.objects.order_by("id")
        return list(rows.filter(kind=kind) if kind else rows)

    def body(self, row):
        return json.loads(row.body)

    def last(self, kind=None):
        return self.body(self.all(kind)[-1])

    def code(self):
        """The newest code, as the person reads it."""
        return re.search(r"\b\d{6}\b", self.last().get("text", "")).group()


@pytest.fixture
def sent():
    return Sent()
