"""How many text messages a number, its prefix and the whole portal get in any 24 hours, counted in
PostgreSQL.

The number's limit is exact: its count and the new message stand under one lock. The other two protect the
bill and may be passed by the few messages that are written at the same moment.
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection

from mexitel.utils.crypto import keyed_hash

from .models import Channel, OutgoingMessage

WINDOW = timedelta(hours=24)
PREFIX_LENGTH = 5  # "+1213", "+5255": country and area


class SmsLimited(Exception):
    """No text message now. ``code`` is stable: sms_number_limit, sms_prefix_limit or sms_day_limit."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def prefix(number: str) -> str:
    return number[:PREFIX_LENGTH]


def take(number: str, now: datetime) -> None:
    """Raise SmsLimited if ``number`` may not get another message; holds the number's lock until the
    commit."""
    fingerprint = keyed_hash("outgoing.sms", number.strip().lower())
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [int.from_bytes(fingerprint[:8], signed=True)])
    recent = OutgoingMessage.objects.filter(channel=Channel.SMS, created_at__gt=now - WINDOW)
    shares = [
        ("sms_number_limit", recent.filter(recipient_hash=fingerprint), settings.SMS_LIMITS["number"]),
        ("sms_prefix_limit", recent.filter(prefix=prefix(number)), settings.SMS_LIMITS["prefix"]),
        ("sms_day_limit", recent, settings.SMS_LIMITS["day"]),
    ]
    for code, messages, share in shares:
        if messages.count() >= share:
            raise SmsLimited(code)
