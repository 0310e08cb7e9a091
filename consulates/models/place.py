from django.db import models
from django.db.models import Q


class PlaceKind(models.TextChoices):
    ZIP = "zip"
    TOWN = "town"
    STATE = "state"


class Place(models.Model):
    """Where people say they live: the centre of a ZIP code, a town or a state of the United States.

    ``key`` is folded as consulates.places.fold does it; ``weight`` counts ZIP codes, so that of several towns
    of one name the largest comes first.
    """

    kind = models.CharField(max_length=5, choices=PlaceKind.choices)
    key = models.CharField(max_length=80)
    name = models.CharField(max_length=80)
    state = models.CharField(max_length=2)
    latitude = models.FloatField()
    longitude = models.FloatField()
    weight = models.IntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["key", "kind", "state"], name="consulates_place_named_once"),
            models.CheckConstraint(condition=Q(kind__in=PlaceKind.values), name="consulates_place_kind_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.name}, {self.state}"
