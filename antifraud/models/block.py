"""Who may not book for a while: by which name, why, who decided, until when."""

from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from appointments.models.hold import time_ordered_id

LONGEST = timedelta(days=365)
# "Blocks: 180 days, then 365; none for ever".
FIRST_TIME, NEXT_TIME = timedelta(days=180), LONGEST
# While nobody has decided, the booker can still book but finishes by phone: for this long.
UNDECIDED = timedelta(hours=24)


class BlockKind(models.TextChoices):
    ADDRESS = "address", _("this spelling of an e-mail alone")
    MAILBOX = "mailbox", _("a mailbox, however it is spelled")
    DOMAIN = "domain", _("a whole domain")
    PHONE = "phone", _("a phone")
    ACCOUNT = "account", _("an account")


class BlockReason(models.TextChoices):
    """The sentence that the person reads."""

    HOARDED = "hoarded", _("More places were held with these contacts than one person may hold.")
    TRADED = "traded", _("Places were given up and taken again at once for other people.")
    SPUN = "spun", _("Places were held again and again and never booked.")
    INVENTED = "invented", _("Places were taken with data of people who do not exist.")
    CHARGED = "charged", _("People told us that they were charged for an appointment, which is always free.")


class BlockState(models.TextChoices):
    PROPOSED = "proposed", _("waits for a decision")
    CONFIRMED = "confirmed", _("in force")
    REJECTED = "rejected", _("not blocked")
    LIFTED = "lifted", _("lifted")
    OVERTURNED = "overturned", _("overturned on appeal")
    ENDED = "ended", _("over")


# What may follow what. The migration's trigger says the same; a test compares them.
STEPS: dict[BlockState, set[BlockState]] = {
    BlockState.PROPOSED: {BlockState.CONFIRMED, BlockState.REJECTED},
    BlockState.CONFIRMED: {BlockState.LIFTED, BlockState.OVERTURNED, BlockState.ENDED},
    BlockState.REJECTED: set(),
    BlockState.LIFTED: set(),
    BlockState.OVERTURNED: set(),
    BlockState.ENDED: set(),
}
STANDING = (BlockState.PROPOSED, BlockState.CONFIRMED)
CLOSED = tuple(state for state in BlockState if state not in STANDING)
BY_A_PERSON = tuple(state for state in CLOSED if state != BlockState.ENDED)
DECIDED = (BlockState.CONFIRMED, BlockState.LIFTED, BlockState.OVERTURNED, BlockState.ENDED)


class BlockQuerySet(models.QuerySet):
    def in_force(self, *, now: datetime) -> "BlockQuerySet":
        """The clock is judged here, whether or not somebody tidied."""
        return self.filter(state=BlockState.CONFIRMED, ends_at__gt=now)

    def waiting(self) -> "BlockQuerySet":
        return self.filter(state=BlockState.PROPOSED)

    def run_out(self, *, now: datetime) -> "BlockQuerySet":
        return self.filter(state=BlockState.CONFIRMED, ends_at__lte=now)


class Block(models.Model):
    """One name under which nobody books from ``starts_at`` to ``ends_at``.

    ``key`` is the keyed hash of the name and ``mask`` what colleagues recognise it by; the name itself is not kept.
    ``account_ids`` are the accounts that had it when it was proposed, and of a domain when it was confirmed: they
    stay blocked when they change their contact. A proposal's dates are those that it asks for. ``proposed_by`` is
    null for a machine; ``author`` is who decided, of a domain who proposed it, and ``approver`` the second person.
    """

    id = models.UUIDField(primary_key=True, db_default=time_ordered_id())
    kind = models.CharField(max_length=10, choices=BlockKind.choices)
    key = models.BinaryField(max_length=32)
    mask = models.CharField(max_length=254)
    reason = models.CharField(max_length=10, choices=BlockReason.choices)
    note = models.TextField()
    state = models.CharField(max_length=10, choices=BlockState.choices, default=BlockState.PROPOSED)
    account_ids = ArrayField(models.BigIntegerField(), default=list)
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    author = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    approver = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    closed_why = models.TextField(blank=True)

    objects = BlockQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["state", "proposed_at"], name="block_work_list"),
            models.Index(fields=["kind", "key"], name="block_by_name"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=BlockKind.values), name="block_kind_is_known"),
            models.CheckConstraint(condition=Q(reason__in=BlockReason.values), name="block_reason_is_known"),
            models.CheckConstraint(condition=Q(state__in=BlockState.values), name="block_state_is_known"),
            models.CheckConstraint(condition=~Q(note=""), name="block_says_why_to_colleagues"),
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at"), ends_at__lte=F("starts_at") + LONGEST),
                name="block_ends_within_a_year",
            ),
            models.UniqueConstraint(
                fields=["kind", "key"], condition=Q(state__in=STANDING), name="block_one_standing_for_a_name"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=DECIDED) | Q(author__isnull=False), name="block_decided_by_a_person"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=DECIDED, kind=BlockKind.DOMAIN) | Q(approver__isnull=False),
                name="block_of_a_domain_has_two_people",
            ),
            models.CheckConstraint(
                condition=Q(approver__isnull=True) | (Q(author__isnull=False) & ~Q(approver=F("author"))),
                name="block_by_two_different_people",
            ),
            models.CheckConstraint(
                condition=~Q(kind=BlockKind.DOMAIN) | Q(proposed_by__isnull=False),
                name="block_of_a_domain_proposed_by_a_person",
            ),
            models.CheckConstraint(
                condition=Q(state__in=STANDING, closed_at__isnull=True, closed_by__isnull=True, closed_why="")
                | Q(state=BlockState.ENDED, closed_at__isnull=False, closed_by__isnull=True, closed_why="")
                | (Q(state__in=BY_A_PERSON, closed_at__isnull=False, closed_by__isnull=False) & ~Q(closed_why="")),
                name="block_closed_by_somebody_who_says_why",
            ),
        ]

    def __str__(self) -> str:
        return f"block {self.pk}"

    @property
    def mark(self) -> str:
        """What tells two masks apart that look the same."""
        return bytes(self.key).hex()[:6]

    @property
    def by_machine(self) -> bool:
        return self.proposed_by_id is None

    @property
    def step_up_until(self) -> datetime:
        """Until then, while nobody decides, its bookers finish by phone."""
        return self.proposed_at + UNDECIDED

    def is_in_force(self, *, now: datetime) -> bool:
        return self.state == BlockState.CONFIRMED and self.ends_at > now
