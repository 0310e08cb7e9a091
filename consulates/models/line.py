from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import get_language

from .consulate import Consulate
from .staff_rows import staff_rows


class OfficeLine(models.Model):
    """The number that an office answers for appointments, and when, as its own staff say it. Without a row, none."""

    consulate = models.OneToOneField(Consulate, on_delete=models.CASCADE, primary_key=True, related_name="line")
    phone = models.CharField(max_length=20)
    hours_es = models.CharField(max_length=120)
    hours_en = models.CharField(max_length=120)
    updated_at = models.DateTimeField()
    updated_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    objects = models.Manager()
    staff = staff_rows()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(phone__startswith="+"), name="consulates_line_phone_is_whole"),
            models.CheckConstraint(condition=~Q(hours_es="") & ~Q(hours_en=""), name="consulates_line_says_its_hours"),
        ]

    def __str__(self) -> str:
        return f"line of {self.consulate_id}"

    @property
    def hours(self) -> str:
        return self.hours_en if (get_language() or "es").startswith("en") else self.hours_es
