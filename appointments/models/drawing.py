"""The facts of a draw: what was promised, sealed and drawn, and what was allotted. All else follows from them."""

import gzip
from datetime import datetime
from hashlib import sha256

from django.conf import settings
from django.db import models
from django.db.models import Q

from consulates.models import Release
from mexitel.utils.crypto import EncryptedTextField


class DrawingQuerySet(models.QuerySet):
    def to_draw(self) -> "DrawingQuerySet":
        """Sealed, and waiting for their round."""
        return self.filter(sealed_at__isnull=False, drawn_at=None).order_by("sealed_at", "pk")


class Drawing(models.Model):
    """Of a release of mode queue or draw. Committed at the announcement, sealed when nobody joins any more, drawn by
    the round of the beacon that was named when it was sealed.

    ``secret`` (hexadecimal, sealed at rest) is the office's part of the seed; ``commitment`` its published hash.
    ``beacon`` is the text of appointments.allocation.beacon.Chain. A trigger (sql/09_allocation.sql) refuses to change
    or delete what was published, also for whoever owns the application.
    """

    release = models.OneToOneField(Release, on_delete=models.PROTECT, primary_key=True, related_name="drawing")
    secret = EncryptedTextField()
    commitment = models.BinaryField()
    committed_at = models.DateTimeField()
    sealed_at = models.DateTimeField(null=True)
    sealed_hash = models.BinaryField(null=True)
    tickets = models.PositiveIntegerField(null=True)
    channels = models.JSONField(default=dict)
    beacon = models.CharField(max_length=200, blank=True)
    round = models.BigIntegerField(null=True)
    signature = models.BinaryField(null=True)
    randomness = models.BinaryField(null=True)
    seed = models.BinaryField(null=True)
    drawn_at = models.DateTimeField(null=True)

    objects = DrawingQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(sealed_at=None, sealed_hash=None, tickets=None, beacon="", round=None)
                | Q(
                    sealed_at__gte=models.F("committed_at"),
                    sealed_hash__isnull=False,
                    tickets__isnull=False,
                    round__gte=1,
                )
                & ~Q(beacon=""),
                name="drawing_sealed_with_its_round",
            ),
            models.CheckConstraint(
                condition=Q(drawn_at=None, signature=None, randomness=None, seed=None)
                | Q(
                    sealed_at__isnull=False,
                    drawn_at__gt=models.F("sealed_at"),
                    signature__isnull=False,
                    randomness__isnull=False,
                    seed__isnull=False,
                ),
                name="drawing_drawn_after_the_seal_by_its_round",
            ),
        ]

    def __str__(self) -> str:
        return f"drawing of {self.release_id}"

    @property
    def is_demonstration(self) -> bool:
        return self.beacon.startswith("local ")


class DrawingRound(models.Model):
    """Lots that are allotted together: the first round is the draw, later ones are seats that nobody accepted.

    ``lots`` are the rows of canonical.lot_row, ``refused`` tells of those who could not take what they won. Closed, it
    is published and stays as it is.
    """

    drawing = models.ForeignKey(Drawing, on_delete=models.PROTECT, related_name="rounds", db_index=False)
    number = models.PositiveSmallIntegerField()
    lots = models.JSONField()
    refused = models.JSONField(default=dict)
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["drawing", "number"]
        constraints = [
            models.UniqueConstraint(fields=["drawing", "number"], name="drawing_round_once"),
            models.CheckConstraint(condition=Q(number__gte=1), name="drawing_round_counts_from_one"),
        ]

    def __str__(self) -> str:
        return f"{self.drawing_id} round {self.number}"


class DrawingFile(models.Model):
    """A file of the public folder, packed with gzip as it is sent. ``digest`` is the SHA-256 of what is in it."""

    drawing = models.ForeignKey(Drawing, on_delete=models.PROTECT, related_name="files", db_index=False)
    name = models.CharField(max_length=60)
    packed = models.BinaryField()
    digest = models.CharField(max_length=64)
    size = models.PositiveIntegerField()
    made_at = models.DateTimeField()

    class Meta:
        ordering = ["drawing", "name"]
        constraints = [models.UniqueConstraint(fields=["drawing", "name"], name="drawing_file_once")]

    def __str__(self) -> str:
        return f"{self.drawing_id} {self.name}"

    @property
    def content(self) -> bytes:
        return gzip.decompress(self.packed)

    @classmethod
    def of(cls, drawing: Drawing, name: str, content: bytes, *, now: datetime) -> "DrawingFile":
        """Not saved yet."""
        return cls(
            drawing=drawing,
            name=name,
            packed=gzip.compress(content, mtime=0),
            digest=sha256(content).hexdigest(),
            size=len(content),
            made_at=now,
        )


class EnteredRound(models.Model):
    """What one person of staff read on another device, where this server cannot ask the beacon; two must agree."""

    drawing = models.ForeignKey(Drawing, on_delete=models.PROTECT, related_name="entered", db_index=False)
    signature = models.BinaryField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["at", "pk"]
        constraints = [models.UniqueConstraint(fields=["drawing", "by"], name="entered_round_once_by_a_person")]

    def __str__(self) -> str:
        return f"{self.drawing_id} by {self.by_id}"
