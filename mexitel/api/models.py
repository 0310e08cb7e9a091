from datetime import datetime, timedelta

from django.conf import settings
from django.db import models

# As long as a session of the pages: half an hour without a call, twelve hours altogether.
IDLE = timedelta(minutes=30)
LONGEST = timedelta(hours=12)


class TokenQuerySet(models.QuerySet):
    def alive(self, *, now: datetime) -> "TokenQuerySet":
        return self.filter(expires_at__gt=now, seen_at__gt=now - IDLE)


class ApiToken(models.Model):
    """A citizen's sign-in through the API. ``token_hash`` is a keyed hash; the token itself is shown once."""

    account = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="api_tokens")
    token_hash = models.BinaryField(max_length=32, unique=True)
    created_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)

    objects = TokenQuerySet.as_manager()

    def __str__(self) -> str:
        return f"token {self.pk} of account {self.account_id}"
