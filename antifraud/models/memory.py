"""What the engine remembers, as rows (antifraud/records.py says what each means). Written by antifraud/live alone.

Everything here follows from the ledger of appointments and from sightings, and is made again from them by
``manage.py antifraud_rebuild``: no row is anybody's only copy. Names, addresses and phones are short keyed hashes, ids
are the engine's texts, moments are the engine's milliseconds UTC; ``seen_at`` is what the retention table counts from.
There is one writer at a time (an advisory lock), so numbers come from ``Tally`` and no foreign key is checked.
"""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import Q


class PersonKeys(models.Model):
    """An applicant: ``surnames`` and ``common`` are keys of eight bytes one after the other, ``tokens`` of four;
    ``traits`` is a sum of 1 (has a CURP), 2 (which cannot be theirs), 4 (minor), 8 (guardian). No ``person``: nobody.
    """

    person = models.BinaryField(null=True)
    surnames = models.BinaryField(default=b"")
    common = models.BinaryField(default=b"")
    tokens = models.BinaryField(default=b"")
    birth = models.BinaryField(default=b"")
    traits = models.SmallIntegerField(default=0)

    class Meta:
        abstract = True


class Booker(models.Model):
    """Whoever books (``Account``). ``group`` is the actor's number, ``place`` the order in which members came to it.
    ``transfers`` and ``spins`` are lists of the fields of their records.
    """

    id = models.CharField(max_length=100, primary_key=True)
    created_at = models.BigIntegerField()
    mailbox = models.BinaryField(null=True)
    mail_domain = models.CharField(max_length=16, blank=True)
    mail_shape = models.CharField(max_length=16, blank=True)
    disposable = models.BooleanField(default=False)
    phones = ArrayField(models.BinaryField(), default=list)
    stated = ArrayField(models.BinaryField(), default=list)
    agent = models.CharField(max_length=100, blank=True)
    devices = ArrayField(models.CharField(max_length=100), default=list)
    prefixes = ArrayField(models.CharField(max_length=50), default=list)
    vouched_until = models.BigIntegerField(default=0)
    confirmed_at = models.BigIntegerField(null=True)
    expired = ArrayField(models.BigIntegerField(), default=list)
    polls = ArrayField(models.BigIntegerField(), default=list)
    transfers = models.JSONField(default=list)
    spins = models.JSONField(default=list)
    unlinked = ArrayField(models.CharField(max_length=100), default=list)
    group = models.BigIntegerField(null=True)
    place = models.IntegerField(default=0)
    seen_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["group"], name="booker_by_group", condition=Q(group__isnull=False)),
            BrinIndex(fields=["seen_at"], name="booker_by_age"),
        ]

    def __str__(self) -> str:
        return self.id


class BookedSeat(PersonKeys):
    """One appointment (``Booking``). ``number`` is the order of booking; a flag is the moment, the case and the score
    with which the appointment first stood in an open case.
    """

    id = models.CharField(max_length=100, primary_key=True)
    number = models.BigIntegerField()
    account = models.CharField(max_length=100)
    party = models.CharField(max_length=100, blank=True)
    slot = models.CharField(max_length=100, blank=True)
    seat = models.CharField(max_length=100, blank=True)
    office = models.CharField(max_length=100, blank=True)
    starts_at = models.BigIntegerField(null=True)
    booked_at = models.BigIntegerField()
    lag = models.BigIntegerField(null=True)
    fill_s = models.FloatField(null=True)
    origin = models.CharField(max_length=20, blank=True)
    channel = models.CharField(max_length=20, blank=True)
    agent = models.CharField(max_length=100, blank=True)
    asn_kind = models.CharField(max_length=20, blank=True)
    state = models.CharField(max_length=20)
    changed = models.IntegerField(default=0)
    flagged_at = models.BigIntegerField(null=True)
    flag_case = models.CharField(max_length=20, blank=True)
    flag_score = models.BigIntegerField(null=True)
    seen_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["account", "number"], name="booked_by_account"),
            models.Index(fields=["flag_score"], name="booked_by_score", condition=Q(flag_score__isnull=False)),
            BrinIndex(fields=["seen_at"], name="booked_by_age"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(flagged_at__isnull=True, flag_score__isnull=True)
                | Q(flagged_at__isnull=False, flag_score__isnull=False),
                name="booked_flagged_with_a_score",
            )
        ]

    def __str__(self) -> str:
        return self.id


class HeldSeat(PersonKeys):
    """An open hold (``OpenHold``), for a day. ``freed`` is the number of the freed seat that it took."""

    id = models.CharField(max_length=100, primary_key=True)
    t = models.BigIntegerField(db_index=True)
    account = models.CharField(max_length=100)
    slot = models.CharField(max_length=100, blank=True)
    seat = models.CharField(max_length=100, blank=True)
    office = models.CharField(max_length=100, blank=True)
    starts_at = models.BigIntegerField(null=True)
    lag = models.BigIntegerField(null=True)
    origin = models.CharField(max_length=20, blank=True)
    channel = models.CharField(max_length=20, blank=True)
    agent = models.CharField(max_length=100, blank=True)
    asn_kind = models.CharField(max_length=20, blank=True)
    freed = models.BigIntegerField(null=True)
    fill_s = models.FloatField(null=True)
    prefix = models.CharField(max_length=50, blank=True)
    seen_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.id


class FreeSeat(PersonKeys):
    """A seat that came back (``Freed``), for a day; once ``taken``, only the hold that took it still tells of it."""

    id = models.BigIntegerField(primary_key=True)
    slot = models.CharField(max_length=100)
    seat = models.CharField(max_length=100, blank=True)
    t = models.BigIntegerField(db_index=True)
    account = models.CharField(max_length=100)
    chain = ArrayField(models.CharField(max_length=100), default=list)
    taken = models.BooleanField(default=False)
    seen_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["slot"], name="free_by_slot", condition=Q(taken=False))]

    def __str__(self) -> str:
        return f"seat of {self.slot}"


class ActorGroup(models.Model):
    """Bookers that are probably one actor (``Group``). ``best`` is its highest score, ``case`` the one it stands in."""

    number = models.BigIntegerField(primary_key=True)
    case = models.CharField(max_length=20, blank=True)
    best = models.BigIntegerField(null=True)
    judged = models.IntegerField(default=0)
    seen_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["best"], name="group_by_score", condition=Q(best__isnull=False))]

    def __str__(self) -> str:
        return f"g{self.number}"


class GroupChange(models.Model):
    """A merge or a split as data (``GroupLog``), never rewritten: ``kept`` took in, or gave off, ``other``."""

    t = models.BigIntegerField()
    act = models.CharField(max_length=20)
    kept = models.CharField(max_length=100)
    other = models.CharField(max_length=100, blank=True)
    reason = models.CharField(max_length=50)
    seen_at = models.DateTimeField()

    class Meta:
        indexes = [BrinIndex(fields=["seen_at"], name="group_change_by_age")]

    def __str__(self) -> str:
        return f"{self.kept} {self.act} {self.other}"


class Score(models.Model):
    """An assessment: points per reason as shown, and the facts to compute it again under its rule set.

    ``reasons``: lists of code, group, points and pairs of evidence, in the order in which they are shown.
    """

    id = models.BigIntegerField(primary_key=True)
    ruleset = models.IntegerField()
    score = models.FloatField()
    reasons = models.JSONField()
    facts = models.JSONField()
    seen_at = models.DateTimeField()

    class Meta:
        indexes = [BrinIndex(fields=["seen_at"], name="score_by_age")]

    def __str__(self) -> str:
        return f"{self.score} bits"


class Identifier(models.Model):
    """Who shows a mailbox, phone, device, network, person ...: how often, and the latest few bookers in order."""

    pk = models.CompositePrimaryKey("kind", "key")
    kind = models.CharField(max_length=20)
    key = models.BinaryField()
    uses = models.BigIntegerField()
    latest = ArrayField(models.CharField(max_length=100))
    seen_at = models.DateTimeField()

    class Meta:
        indexes = [BrinIndex(fields=["seen_at"], name="identifier_by_age")]

    def __str__(self) -> str:
        return f"{self.kind} of {self.uses}"


class SharedDevice(models.Model):
    """A device that links nobody: public until a moment, or a crowd's that nobody has marked."""

    device = models.CharField(max_length=100, primary_key=True)
    public_until = models.BigIntegerField(default=0)
    crowd = models.BooleanField(default=False)
    seen_at = models.DateTimeField()

    def __str__(self) -> str:
        return "a shared device"


class RecentSight(models.Model):
    """Who was seen under one key within the hour: ``moments`` and ``accounts`` go together, oldest first."""

    pk = models.CompositePrimaryKey("name", "key")
    name = models.CharField(max_length=20)
    key = models.CharField(max_length=100)
    moments = ArrayField(models.BigIntegerField())
    accounts = ArrayField(models.CharField(max_length=100))
    t = models.BigIntegerField(db_index=True)
    seen_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"recent {self.name}"


class SurnameCount(models.Model):
    """How many bookings were for somebody with this surname (keyed)."""

    surname = models.BinaryField(primary_key=True)
    people = models.BigIntegerField()

    def __str__(self) -> str:
        return f"a surname of {self.people}"


class Tally(models.Model):
    """Running numbers by name: hits among recent trials (``share fast``), how many identifiers of a kind are known
    (``known email``), the last number given to a group, pair, booking, score or freed seat (``last group``); where
    nothing hits, ``trials`` alone counts.
    """

    name = models.CharField(max_length=50, primary_key=True)
    hits = models.BigIntegerField(default=0)
    trials = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return self.name
