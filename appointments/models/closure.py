"""Less was opened than was promised: what was closed, and everybody who lost their seat by it, until each has an end.

An ``Orphan`` is one appointment on one work list. Its state changes by ORPHAN_STEPS only; a trigger of the database
(appointments/sql/06_closing.sql) holds the same table, because the claim itself writes the ends.
"""

from datetime import datetime

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from consulates.models.staff_rows import staff_rows

# Above so many appointments a second person signs.
ALONE_UP_TO = 50


class ClosureKind(models.TextChoices):
    CLOSE = "close", _("Closed")
    HOURS = "hours", _("Changed hours")
    SUSPENSION = "suspension", _("Suspended procedure")


class ClosureState(models.TextChoices):
    WAITING = "waiting", _("waits for the second signature")
    REFUSED = "refused", _("not signed")
    RUNNING = "running", _("under way")
    DONE = "done", _("done")


class OrphanState(models.TextChoices):
    TO_OFFER = "to_offer", _("To offer")
    OFFERED = "offered", _("Offered")
    TO_CALL = "to_call", _("To call")
    REACHED = "reached", _("Reached, will decide")
    NO_SEAT = "no_seat", _("No seat found")
    ACCEPTED = "accepted", _("Accepted")
    MOVED = "moved", _("Moved to another time")
    CANCELLED = "cancelled", _("Cancelled")
    UNREACHABLE = "unreachable", _("Could not be reached")


ENDS = (OrphanState.ACCEPTED, OrphanState.MOVED, OrphanState.CANCELLED, OrphanState.UNREACHABLE)
# What may follow what. Whoever could not be reached may still come back by themselves.
_BY_THE_PERSON = {OrphanState.ACCEPTED, OrphanState.MOVED, OrphanState.CANCELLED}
_ON_THE_LIST = {
    OrphanState.TO_OFFER,
    OrphanState.OFFERED,
    OrphanState.TO_CALL,
    OrphanState.REACHED,
    OrphanState.NO_SEAT,
}
ORPHAN_STEPS = {
    OrphanState.TO_OFFER: _BY_THE_PERSON | {OrphanState.OFFERED, OrphanState.TO_CALL, OrphanState.NO_SEAT},
    OrphanState.OFFERED: _BY_THE_PERSON
    | {OrphanState.TO_OFFER, OrphanState.TO_CALL, OrphanState.REACHED, OrphanState.UNREACHABLE},
    OrphanState.TO_CALL: _BY_THE_PERSON | _ON_THE_LIST | {OrphanState.UNREACHABLE},
    OrphanState.REACHED: _BY_THE_PERSON | _ON_THE_LIST | {OrphanState.UNREACHABLE},
    OrphanState.NO_SEAT: _BY_THE_PERSON | _ON_THE_LIST | {OrphanState.UNREACHABLE},
    OrphanState.UNREACHABLE: _BY_THE_PERSON | {OrphanState.TO_CALL, OrphanState.REACHED},
    OrphanState.ACCEPTED: set(),
    OrphanState.MOVED: set(),
    OrphanState.CANCELLED: set(),
}


class Closure(models.Model):
    """One act over sessions of an office. ``plan`` holds what the kind needs (new hours; procedure and dates).

    ``since`` is the moment of the decision: what begins before it stays as it is, however late the act is finished.
    """

    kind = models.CharField(max_length=10, choices=ClosureKind.choices)
    state = models.CharField(max_length=10, choices=ClosureState.choices)
    consulate = models.ForeignKey("consulates.Consulate", on_delete=models.PROTECT, related_name="closures")
    session_ids = ArrayField(models.BigIntegerField())
    procedure_id = models.BigIntegerField(null=True)
    plan = models.JSONField(default=dict)
    counted = models.IntegerField()
    reason_es = models.CharField(max_length=200)
    reason_en = models.CharField(max_length=200)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    signed_at = models.DateTimeField(null=True)
    signed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    since = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)

    objects = models.Manager()
    staff = staff_rows()

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(fields=["state"], name="closure_unfinished", condition=Q(state="running")),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=ClosureKind.values), name="closure_kind_is_known"),
            models.CheckConstraint(condition=Q(state__in=ClosureState.values), name="closure_state_is_known"),
            models.CheckConstraint(
                condition=Q(counted__lte=ALONE_UP_TO)
                | Q(state__in=["waiting", "refused"])
                | Q(signed_by__isnull=False),
                name="closure_of_many_has_two_signatures",
                violation_error_message=_("Above 50 appointments a second person signs."),
            ),
            models.CheckConstraint(
                condition=Q(signed_by=None) | ~Q(signed_by=F("created_by")),
                name="closure_signed_by_somebody_else",
                violation_error_message=_("The second signature is somebody else's."),
            ),
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "refused"], since=None)
                | Q(state__in=["running", "done"], since__isnull=False),
                name="closure_begins_with_its_moment",
            ),
            models.CheckConstraint(
                condition=Q(state="done", done_at__isnull=False) | (~Q(state="done") & Q(done_at=None)),
                name="closure_done_has_its_moment",
            ),
        ]

    def __str__(self) -> str:
        return f"closure {self.pk} of {self.consulate_id}"

    @property
    def reason(self) -> str:
        return self.reason_en if (get_language() or "es").startswith("en") else self.reason_es


class OrphanQuerySet(models.QuerySet):
    def open(self) -> "OrphanQuerySet":
        return self.filter(ended_at=None)

    def standing(self) -> "OrphanQuerySet":
        """The last that was said of an appointment that still has no new time."""
        return self.exclude(state__in=_BY_THE_PERSON)


class Orphan(models.Model):
    """An appointment that lost its seat. ``hold_id`` is the last proposal that was held for it, until ``offer_until``;
    whether it still stands is asked of the hold. ``session_id`` and ``starts_at`` are those that it lost.
    """

    closure = models.ForeignKey(Closure, on_delete=models.PROTECT, related_name="orphans")
    consulate = models.ForeignKey(
        "consulates.Consulate", on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    appointment = models.ForeignKey("appointments.Appointment", on_delete=models.PROTECT, related_name="orphans")
    session_id = models.BigIntegerField()
    starts_at = models.DateTimeField()
    state = models.CharField(max_length=12, choices=OrphanState.choices)
    hold_id = models.UUIDField(null=True, db_index=True)
    offer_until = models.DateTimeField(null=True)
    offers = models.SmallIntegerField(default=0)
    look_at = models.DateTimeField()
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    handled_by_id = models.BigIntegerField(null=True)

    objects = OrphanQuerySet.as_manager()
    staff = staff_rows(OrphanQuerySet)

    class Meta:
        ordering = ["starts_at", "id"]
        indexes = [
            models.Index(fields=["look_at"], name="orphan_to_look_at", condition=Q(ended_at__isnull=True)),
        ]
        constraints = [
            models.UniqueConstraint(fields=["closure", "appointment"], name="orphan_once_on_a_list"),
            models.UniqueConstraint(
                fields=["appointment"], condition=Q(ended_at__isnull=True), name="orphan_on_one_list_at_a_time"
            ),
            models.CheckConstraint(condition=Q(state__in=OrphanState.values), name="orphan_state_is_known"),
            models.CheckConstraint(
                condition=Q(state__in=ENDS, ended_at__isnull=False) | (~Q(state__in=ENDS) & Q(ended_at=None)),
                name="orphan_leaves_by_an_end",
            ),
            models.CheckConstraint(
                condition=~Q(state="offered") | Q(hold_id__isnull=False, offer_until__isnull=False),
                name="orphan_offered_something",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["reached", "unreachable"]) | Q(handled_by_id__isnull=False),
                name="orphan_called_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"orphan {self.pk} of closure {self.closure_id}"

    def offer_stands(self, *, now: datetime) -> bool:
        return self.offer_until is not None and self.offer_until > now


class CallOutcome(models.TextChoices):
    REACHED = "reached", _("We spoke: they will decide")
    NO_ANSWER = "no_answer", _("No answer, call again")
    MESSAGE = "message", _("Left a message, call again")
    UNREACHABLE = "unreachable", _("Cannot be reached: wrong number, or no answer after several calls")


class OrphanCall(models.Model):
    """One call to somebody on a work list: who, when, and what came of it. Append-only."""

    orphan = models.ForeignKey(Orphan, on_delete=models.PROTECT, related_name="calls")
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    outcome = models.CharField(max_length=12, choices=CallOutcome.choices)
    note = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["at", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(outcome__in=CallOutcome.values), name="orphan_call_outcome_is_known"),
        ]

    def __str__(self) -> str:
        return f"call {self.pk} about orphan {self.orphan_id}"
