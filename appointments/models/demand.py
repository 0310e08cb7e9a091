"""Demand as numbers by area and week: no row says who, on which day of the week, or from where exactly."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class Ended(models.TextChoices):
    """How somebody's look for a seat ended. Of who got one, how many miles it is to it."""

    NONE = "none", _("nothing free anywhere")
    FAR = "far", _("nothing free within 100 miles")
    WAITED = "waited", _("waited in the list until the date came")
    WITHIN_25 = "to25", _("up to 25 miles")
    WITHIN_50 = "to50", _("26 to 50 miles")
    WITHIN_100 = "to100", _("51 to 100 miles")
    WITHIN_200 = "to200", _("101 to 200 miles")
    BEYOND = "beyond", _("more than 200 miles")

    @classmethod
    def unmet(cls) -> list["Ended"]:
        return [cls.NONE, cls.FAR, cls.WAITED]

    @classmethod
    def seated(cls) -> list["Ended"]:
        """The nearest first."""
        return [one for one in cls if one not in cls.unmet()]

    @classmethod
    def seated_within(cls, miles: float) -> "Ended":
        ends = {25: cls.WITHIN_25, 50: cls.WITHIN_50, 100: cls.WITHIN_100, 200: cls.WITHIN_200}
        return next((band for most, band in ends.items() if miles <= most), cls.BEYOND)


class DemandCell(models.Model):
    """How many looks for a seat, for how many ``people``, ended so in a ZIP3 area in the week of the Monday ``week``.

    Written by appointments/demand/counting.py alone. ``is_sample``: invented, of a demonstration.
    """

    pk = models.CompositePrimaryKey("week", "zip3", "procedure_id", "ended")
    week = models.DateField()
    zip3 = models.CharField(max_length=3)
    procedure = models.ForeignKey(
        "consulates.Procedure", on_delete=models.PROTECT, db_constraint=False, db_index=False, related_name="+"
    )
    ended = models.CharField(max_length=6, choices=Ended.choices)
    looks = models.IntegerField()
    people = models.IntegerField()
    is_sample = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(looks__gte=1, people__gte=F("looks")), name="demand_counts_people"),
            models.CheckConstraint(condition=Q(week__iso_week_day=1), name="demand_week_is_its_monday"),
            models.CheckConstraint(condition=Q(zip3__regex=r"^\d{3}$"), name="demand_area_is_three_digits"),
            models.CheckConstraint(condition=Q(ended__in=Ended.values), name="demand_ended_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.people} of {self.zip3}, week of {self.week}: {self.ended}"
