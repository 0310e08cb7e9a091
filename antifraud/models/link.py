"""Why two bookers may be one actor, and what was seen or said of a booker outside the ledger of appointments."""

from django.db import models
from django.db.models import F, Q


class Link(models.Model):
    """One edge between two bookers (engine ids: an account's number as text), a < b. ``evidence`` is a count, or a lag
    in milliseconds, by ``kind`` (antifraud/data/ruleset-*.json, "links"). Judged by ``expires_at`` when read. ``place``
    is the order in which pairs were met, the same for all edges of a pair.
    """

    pk = models.CompositePrimaryKey("a", "b", "kind")
    a = models.CharField(max_length=100)
    b = models.CharField(max_length=100, db_index=True)
    kind = models.CharField(max_length=20)
    weight = models.FloatField()
    evidence = models.BigIntegerField(default=1)
    first_seen = models.DateTimeField()
    last_seen = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)
    place = models.BigIntegerField(default=0)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(a__lt=F("b")), name="link_ends_in_order")]

    def __str__(self) -> str:
        return f"{self.kind} between {self.a} and {self.b}"


class Sighting(models.Model):
    """A fact for the engine that no appointment's ledger holds: a sign-up, a proven phone, an outcome, a review.

    Append-only. ``kind`` is one of antifraud/EVENTS.md; ``detail`` holds ids, codes and keyed hashes, never raw values.
    """

    at = models.DateTimeField()
    kind = models.CharField(max_length=20)
    account_id = models.BigIntegerField(null=True)
    appointment_id = models.UUIDField(null=True)
    detail = models.JSONField(default=dict)

    class Meta:
        indexes = [models.Index(fields=["account_id", "at"], name="sighting_by_account")]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"
