"""What becomes of seats that somebody gives up: back to the public by themselves, or into the office's next draw."""

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from .consulate import Consulate
from .release import Release
from .slot import Seat


class FreedPolicy(models.Model):
    """What an office has decided. An office without a row gives freed seats back to the public."""

    consulate = models.OneToOneField(Consulate, on_delete=models.PROTECT, primary_key=True, related_name="freed_policy")
    into_draws = models.BooleanField(default=False)
    changed_at = models.DateTimeField()
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)

    objects = models.Manager()

    def __str__(self) -> str:
        return f"{self.consulate_id}: {'into draws' if self.into_draws else 'to the public'}"


class FreedIntoDrawQuerySet(models.QuerySet):
    def standing(self, *, now: datetime) -> "FreedIntoDrawQuerySet":
        """Whose seat is as it was freed, and nobody has it."""
        return self.filter(_stands(now))

    def coming_in(self, *, now: datetime) -> "FreedIntoDrawQuerySet":
        """What was on the sealed list of its draw, or would be on it now."""
        return self.filter(Q(sealed_at__isnull=False) | _stands(now))


def _stands(now: datetime) -> Q:
    not_held = Q(seat__until=None) | Q(seat__until__lte=now)
    return not_held & Q(seat__visible_at=F("visible_at"), seat__withdrawn_at=None)


class FreedIntoDraw(models.Model):
    """A seat of another session that goes into a draw, written by the transaction that freed it
    (appointments/sql/13_into_draws.sql).

    Until ``offers_until`` it is offered to those who wait, from the draw's opening on it is the draw's, and at
    ``visible_at``, a random while after what is left of the draw is anybody's, it is the public's, whatever became of
    that draw. ``visible_at`` repeats the seat's: seat and moment name the one freeing, and a row whose seat says
    another moment tells of an earlier one. ``sealed_at``: it stands on the published list, and only so is it given.
    """

    seat = models.ForeignKey(Seat, on_delete=models.PROTECT, related_name="freed_into_draws", db_index=False)
    # Without a foreign key: who frees a seat waits for nobody who has locked the release.
    release = models.ForeignKey(Release, on_delete=models.PROTECT, related_name="freed_seats", db_constraint=False)
    freed_at = models.DateTimeField()
    offers_until = models.DateTimeField()
    visible_at = models.DateTimeField()
    sealed_at = models.DateTimeField(null=True)

    objects = FreedIntoDrawQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["seat", "release"], name="freed_seat_goes_once_into_a_draw"),
            models.CheckConstraint(
                condition=Q(freed_at__lt=F("offers_until"), offers_until__lt=F("visible_at")),
                name="freed_seat_is_offered_then_drawn_then_anybodys",
            ),
        ]

    def __str__(self) -> str:
        return f"seat {self.seat_id} into draw {self.release_id}"
