"""How a reviewer likes the desk."""

from django.conf import settings
from django.db import models


class DeskPreference(models.Model):
    """``keys``: whether single letters do something on the desk's pages (WCAG 2.1.4). No row means they do."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, primary_key=True, on_delete=models.CASCADE, related_name="+")
    keys = models.BooleanField(default=True)

    def __str__(self) -> str:
        return f"desk of {self.user_id}"
