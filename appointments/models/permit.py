from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from appointments.enums import HIGHEST_CAP, LARGEST_FAMILY, MarkKind, ScopeKind
from mexitel.utils.crypto import EncryptedTextField


class Scope(models.Model):
    """A key under which the lock of five is counted: an account, a mailbox, a verified phone, a linked group.

    ``key`` is a keyed hash. The cap in force is 0 while blocked, the override's while it lasts, else ``cap``
    (SQL: scope_cap). Changed only under the row's own lock.
    """

    kind = models.SmallIntegerField(choices=ScopeKind.choices)
    key = models.BinaryField(max_length=32)
    cap = models.SmallIntegerField()
    override_cap = models.SmallIntegerField(null=True)
    override_until = models.DateTimeField(null=True)
    blocked_until = models.DateTimeField(null=True)
    group = models.ForeignKey("self", null=True, on_delete=models.PROTECT)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "key"], name="scope_once"),
            models.CheckConstraint(condition=Q(cap__range=(0, HIGHEST_CAP)), name="scope_cap_in_range"),
            models.CheckConstraint(
                condition=Q(override_cap__isnull=True, override_until__isnull=True)
                | Q(override_cap__range=(0, HIGHEST_CAP), override_until__isnull=False),
                name="scope_override_has_an_end",
            ),
            models.CheckConstraint(
                condition=Q(group__isnull=True) | Q(kind=ScopeKind.ACCOUNT),
                name="scope_group_of_accounts_only",
            ),
        ]

    def __str__(self) -> str:
        return f"{ScopeKind(self.kind).name.lower()} scope {self.pk}"


class Permit(models.Model):
    """One of the numbered permits of a scope, in use until ``until`` by ``holder`` (a hold or an
    appointment).
    """

    pk = models.CompositePrimaryKey("scope", "ordinal")
    scope = models.ForeignKey(Scope, on_delete=models.PROTECT, db_index=False)  # the key begins with it
    ordinal = models.SmallIntegerField()
    holder = models.UUIDField()
    until = models.DateTimeField()
    grandfathered = models.BooleanField(default=False)

    class Meta:
        # Who stands above a cap because of a link is looked for every few minutes.
        indexes = [models.Index(fields=["scope"], name="permit_grandfathered", condition=Q(grandfathered=True))]
        constraints = [
            models.CheckConstraint(
                condition=Q(ordinal__range=(1, HIGHEST_CAP), grandfathered=False)
                | Q(ordinal__gt=HIGHEST_CAP, grandfathered=True),
                name="permit_ordinal_below_highest_cap",
            ),
        ]

    def __str__(self) -> str:
        return f"permit {self.ordinal} of scope {self.scope_id}"


class BlockedMark(models.Model):
    """A spelling of an address, or a domain, whose bookers are blocked until ``until``; judged when read.

    Neither is a scope: nobody pays permits there, and a lock on a provider's row would make its customers wait for
    each other. The claim looks here under a shared lock of the mark, a block writes under the exclusive one (SQL:
    lock_marks, marks_refused).
    """

    pk = models.CompositePrimaryKey("kind", "key")
    kind = models.SmallIntegerField(choices=MarkKind.choices)
    key = models.BinaryField(max_length=32)
    until = models.DateTimeField()

    def __str__(self) -> str:
        return f"{MarkKind(self.kind).name.lower()} blocked until {self.until:%Y-%m-%d}"


class CapOverride(models.Model):
    """Why somebody may hold more than five: the only thing that raises a cap, for all scopes of a booker
    together. Nobody signs for a ``FAMILY``: the rule does, for the one party of ``hold_id``; it ends with the hold, and
    with the appointments once they are booked. ``shown_name`` is a helper's, as those whom they help read it.
    """

    class Kind(models.TextChoices):
        FAMILY = "family"
        HELPER = "helper"
        EMERGENCY = "emergency"

    kind = models.CharField(max_length=10, choices=Kind.choices)
    account = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="cap_overrides")
    cap = models.SmallIntegerField()
    reason = models.TextField()
    author = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    until = models.DateTimeField()
    hold_id = models.UUIDField(null=True, unique=True)
    shown_name = EncryptedTextField(blank=True, default="")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(cap__range=(0, HIGHEST_CAP)), name="cap_override_in_range"),
            models.CheckConstraint(condition=Q(until__gt=models.F("created_at")), name="cap_override_ends"),
            models.CheckConstraint(
                condition=Q(kind="family", author__isnull=True, hold_id__isnull=False, cap__lte=LARGEST_FAMILY)
                | ~Q(kind="family") & Q(author__isnull=False, hold_id__isnull=True),
                name="cap_override_signed_unless_one_family",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} override {self.pk}"


class FreedSeat(models.Model):
    """Who freed a seat, for 24 hours: until then it is not theirs to take again (DESIGN 4.8), but for the appointment
    that left it: a move may be undone.
    """

    pk = models.CompositePrimaryKey("seat_id", "scope_id")
    seat_id = models.BigIntegerField()
    scope_id = models.BigIntegerField()
    until = models.DateTimeField()
    appointment_id = models.UUIDField(null=True)

    class Meta:
        # What an account freed is looked for when it is linked with others, and when it moves back.
        indexes = [models.Index(fields=["scope_id"], name="freed_seat_by_scope")]

    def __str__(self) -> str:
        return f"seat {self.seat_id} freed by scope {self.scope_id}"


class IdempotencyKey(models.Model):
    """The answer that a key got, for 24 hours. Written by the claim, for successes and for its refusals."""

    pk = models.CompositePrimaryKey("account_id", "operation", "key")
    account_id = models.BigIntegerField()
    operation = models.CharField(max_length=20)
    key = models.CharField(max_length=200)
    body_hash = models.BinaryField(max_length=32)
    answer = models.JSONField(null=True)
    created_at = models.DateTimeField(db_index=True)

    class Meta:
        db_table = "appointments_idempotency"

    def __str__(self) -> str:
        return f"{self.operation} of account {self.account_id}"


def scope_ids_field() -> ArrayField:
    """The scopes in which a hold or an appointment has paid a permit."""
    return ArrayField(models.BigIntegerField())
