"""The register of adverts: what was told of a post that sells appointments, what we decided, what the platform did.

``TRANSITIONS`` is the one place where the states are joined: the check constraint of the events is made from it, and a
trigger (migration) lets nothing but an event move a post, from the state in which it stands.
"""

from datetime import datetime, timedelta
from decimal import Decimal

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from antifraud.models.case import Case
from antifraud.models.oversight import HIGHEST_GRADE, LEAST_GRADE
from appointments.models.hold import time_ordered_id
from mexitel.utils.crypto import EncryptedTextField

# Whoever took an advert and went home keeps nobody from it.
IN_HAND = timedelta(minutes=30)
LONGEST_ADDRESS = 2000


class Platform(models.TextChoices):
    FACEBOOK = "facebook", _("Facebook")
    INSTAGRAM = "instagram", _("Instagram")
    TWITTER = "twitter", _("X (Twitter)")
    GOOGLE = "google", _("Google search or map")
    YOUTUBE = "youtube", _("YouTube")
    TIKTOK = "tiktok", _("TikTok")
    WHATSAPP = "whatsapp", _("WhatsApp")
    TELEGRAM = "telegram", _("Telegram")
    MARKET = "market", _("Page of classified adverts")
    WEB = "web", _("Another web page")
    PAPER = "paper", _("On paper, in a shop or on the street")
    OTHER = "other", _("Somewhere else")


class PostState(models.TextChoices):
    RECEIVED = "received", _("received")
    CONFIRMED = "confirmed", _("confirmed")
    REFUSED = "refused", _("not an advert of this kind")
    JOINED = "joined", _("the same as another one")
    REPORTED = "reported", _("reported to the platform")
    REMOVED = "removed", _("gone")
    KEPT = "kept", _("the platform leaves it")
    DECLINED = "declined", _("the platform did not look at it")
    REAPPEARED = "reappeared", _("there again")


S = PostState
TRANSITIONS: dict[PostState, frozenset[PostState]] = {
    S.RECEIVED: frozenset({S.CONFIRMED, S.REFUSED, S.JOINED}),
    S.CONFIRMED: frozenset({S.REFUSED, S.JOINED, S.REPORTED, S.REMOVED}),
    S.REFUSED: frozenset({S.CONFIRMED}),
    S.JOINED: frozenset(),
    S.REPORTED: frozenset({S.REMOVED, S.KEPT, S.DECLINED}),
    S.REMOVED: frozenset({S.REAPPEARED, S.REMOVED}),  # told of again, looked at, and still gone
    S.KEPT: frozenset({S.CONFIRMED, S.REMOVED}),  # confirmed again: it goes into the next file once more
    S.DECLINED: frozenset({S.CONFIRMED, S.REMOVED}),
    S.REAPPEARED: frozenset({S.REPORTED, S.REMOVED, S.REFUSED}),
}
TO_REPORT = frozenset({S.CONFIRMED, S.REAPPEARED})


class Ground(models.TextChoices):
    """Why an advert is confirmed, in words that a platform's team can use."""

    SELLS = "sells", _("sells a free consular appointment")
    POSES = "poses", _("pretends to be a consular office")
    DOCUMENTS = "documents", _("collects identity documents with a false promise")
    MISLEADS = "misleads", _("tells untruths about how appointments are given")


class PostQuerySet(models.QuerySet):
    def to_triage(self) -> "PostQuerySet":
        """Unread, or told again since it was gone."""
        return self.filter(Q(state=PostState.RECEIVED) | Q(state=PostState.REMOVED, last_told_at__gt=F("changed_at")))

    def in_nobodys_hand(self, *, now: datetime) -> "PostQuerySet":
        """The clock is judged here; nobody has to give anything back."""
        return self.filter(Q(taken_by=None) | Q(taken_until__lte=now))

    def by_urgency(self) -> "PostQuerySet":
        return self.order_by("-points", "-told", "first_told_at", "pk")

    def without_words(self) -> "PostQuerySet":
        """For lists: nothing sealed is read."""
        return self.defer("address", "words", "contact", "excerpt")


class Post(models.Model):
    """One post, page, account or search result. ``told`` notices are about it; ``points`` and ``matches`` are of the
    phrase rules ``rules`` and order the work list, nothing else.

    ``address`` is the first as it was typed; ``address_key`` the keyed hash of its normalised form, one advert for
    each. ``contact`` is whom the advert names, ``contact_key`` as in ChargeReport. ``excerpt`` is what a reviewer gives
    to the platform. Sealed: address, words, contact and excerpt.
    """

    id = models.UUIDField(primary_key=True, db_default=time_ordered_id())
    state = models.CharField(max_length=10, choices=PostState.choices, default=PostState.RECEIVED)
    changed_at = models.DateTimeField()
    platform = models.CharField(max_length=10, choices=Platform.choices)
    address = EncryptedTextField(blank=True)
    address_key = models.BinaryField(max_length=32, null=True)
    place = models.CharField(max_length=200, blank=True)
    words = EncryptedTextField(blank=True)
    contact = EncryptedTextField(blank=True)
    contact_key = models.BinaryField(max_length=32, null=True)
    price = models.DecimalField(max_digits=7, decimal_places=2, null=True)
    told = models.IntegerField(default=0)
    first_told_at = models.DateTimeField()
    last_told_at = models.DateTimeField()
    points = models.IntegerField(default=0)
    matches = models.JSONField(default=list)
    rules = models.IntegerField(default=0)
    ground = models.CharField(max_length=10, choices=Ground.choices, blank=True)
    excerpt = EncryptedTextField(blank=True)
    joined_to = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="joined")
    taken_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    taken_until = models.DateTimeField(null=True)

    objects = PostQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["state", "-points", "first_told_at"], name="post_work_list"),
            models.Index(fields=["first_told_at"], name="post_by_week"),
            models.Index(fields=["contact_key"], name="post_by_contact", condition=Q(contact_key__isnull=False)),
        ]
        constraints = [
            models.UniqueConstraint(fields=["address_key"], name="post_one_of_an_address"),
            models.CheckConstraint(condition=Q(state__in=PostState.values), name="post_state_is_known"),
            models.CheckConstraint(condition=Q(platform__in=Platform.values), name="post_platform_is_known"),
            models.CheckConstraint(condition=Q(ground__in=["", *Ground.values]), name="post_ground_is_known"),
            models.CheckConstraint(
                condition=Q(state__in=[S.RECEIVED, S.REFUSED, S.JOINED]) | ~Q(ground=""),
                name="post_confirmed_on_a_ground",
            ),
            models.CheckConstraint(
                condition=Q(state=S.JOINED, joined_to__isnull=False) | ~Q(state=S.JOINED) & Q(joined_to__isnull=True),
                name="post_joined_to_one",
            ),
            models.CheckConstraint(condition=~Q(joined_to=F("id")), name="post_not_joined_to_itself"),
            models.CheckConstraint(
                condition=Q(taken_by__isnull=True, taken_until__isnull=True)
                | Q(taken_by__isnull=False, taken_until__isnull=False),
                name="post_in_hand_until",
            ),
        ]

    def __str__(self) -> str:
        return f"post {self.pk}"

    def is_free_for(self, user_id: int, *, now: datetime) -> bool:
        return self.taken_by_id in (None, user_id) or self.taken_until is None or self.taken_until <= now

    def may_become(self) -> frozenset[PostState]:
        return TRANSITIONS[PostState(self.state)]


class NoticeSource(models.TextChoices):
    PAGE = "page", _("public page")
    API = "api", _("program")
    STAFF = "staff", _("staff")


class PostNotice(models.Model):
    """What one person told. Its receipt number is kept as a keyed hash; ``reporter`` is a contact given freely, sealed,
    with ``reporter_key`` by which its owner finds it in the copy of their data.
    """

    id = models.UUIDField(primary_key=True, db_default=time_ordered_id())
    post = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="notices")
    source = models.CharField(max_length=10, choices=NoticeSource.choices)
    receipt_key = models.BinaryField(max_length=32, unique=True)
    address = EncryptedTextField(blank=True)
    words = EncryptedTextField(blank=True)
    contact = EncryptedTextField(blank=True)
    price = models.DecimalField(
        max_digits=7, decimal_places=2, null=True,
        validators=[MinValueValidator(Decimal(0)), MaxValueValidator(Decimal(20_000))],
    )  # fmt: skip
    seen_on = models.DateField(null=True)
    told_at = models.DateTimeField()
    told_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    reporter = EncryptedTextField(blank=True)
    reporter_key = models.BinaryField(max_length=32, null=True)

    class Meta:
        indexes = [
            models.Index(fields=["reporter_key"], name="notice_by_reporter", condition=Q(reporter_key__isnull=False)),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(source__in=NoticeSource.values), name="notice_source_is_known"),
            models.CheckConstraint(
                condition=Q(source=NoticeSource.STAFF, told_by__isnull=False)
                | ~Q(source=NoticeSource.STAFF) & Q(told_by__isnull=True),
                name="notice_of_staff_is_signed",
            ),
        ]

    def __str__(self) -> str:
        return f"notice {self.pk}"


class PostCapture(models.Model):
    """A picture as we drew it again: without whatever the file carried beside its pixels. ``content`` is sealed."""

    id = models.UUIDField(primary_key=True, db_default=time_ordered_id())
    notice = models.OneToOneField(PostNotice, on_delete=models.CASCADE, related_name="capture")
    content = models.BinaryField()
    wide = models.IntegerField()
    high = models.IntegerField()
    taken_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(wide__gt=0, high__gt=0), name="capture_has_a_size"),
        ]

    def __str__(self) -> str:
        return f"capture {self.pk}"


class PostEvent(models.Model):
    """A step of a post, written once. Inserting it is what moves the advert: ``was`` must be where it stands."""

    post = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="events")
    at = models.DateTimeField(db_index=True)
    was = models.CharField(max_length=10, choices=PostState.choices)
    became = models.CharField(max_length=10, choices=PostState.choices)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=500)
    joined_to = models.ForeignKey(Post, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(became=S.JOINED, joined_to__isnull=False) | ~Q(became=S.JOINED) & Q(joined_to__isnull=True),
                name="post_event_joins_to_one",
            ),
            models.CheckConstraint(
                condition=Q(
                    *(Q(was=was, became__in=sorted(after)) for was, after in TRANSITIONS.items() if after),
                    _connector=Q.OR,
                ),
                name="post_event_is_a_step",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="post_event_says_why"),
        ]

    def __str__(self) -> str:
        return f"{self.was} → {self.became} of post {self.post_id}"


class PhraseRules(models.Model):
    """One version of the phrases (shape: antifraud/data/phrases-1.json). Written once; the newest is in force."""

    number = models.IntegerField(unique=True)
    phrases = models.JSONField()
    note = models.TextField()
    author = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    published_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(note=""), name="phrases_say_why"),
            models.CheckConstraint(condition=Q(number=1) | Q(author__isnull=False), name="phrases_have_an_author"),
        ]

    def __str__(self) -> str:
        return f"phrases {self.number}"


class PostExport(models.Model):
    """What was handed to one platform's team: ``rows`` is JSON of what the file says, sealed."""

    id = models.UUIDField(primary_key=True, db_default=time_ordered_id())
    platform = models.CharField(max_length=10, choices=Platform.choices)
    made_at = models.DateTimeField(db_index=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    posts = models.IntegerField()
    rows = EncryptedTextField(blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(platform__in=Platform.values), name="export_platform_is_known"),
            models.CheckConstraint(condition=Q(posts__gt=0), name="export_of_something"),
        ]

    def __str__(self) -> str:
        return f"export {self.pk}"


class PostLink(models.Model):
    """A reviewer says that an advert's contact belongs to a case of fairness. It scores nobody."""

    post = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="links")
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="posts")
    grade = models.SmallIntegerField()
    reason = models.CharField(max_length=500)
    linked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    linked_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["post", "case"], name="post_linked_once"),
            models.CheckConstraint(
                condition=Q(grade__range=(LEAST_GRADE, HIGHEST_GRADE)), name="post_link_grade_in_range"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="post_link_says_why"),
        ]

    def __str__(self) -> str:
        return f"post {self.post_id} in case {self.case_id}"


class PostBaseline(models.Model):
    """The weeks against which the public figures compare; the newest is shown, and the page says who chose and why."""

    first_week = models.DateField()
    last_week = models.DateField()
    note = models.TextField()
    author = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    chosen_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(last_week__gte=F("first_week")), name="baseline_in_order"),
            models.CheckConstraint(
                condition=Q(first_week__iso_week_day=1, last_week__iso_week_day=1), name="baseline_of_whole_weeks"
            ),
            models.CheckConstraint(condition=~Q(note=""), name="baseline_says_why"),
        ]

    def __str__(self) -> str:
        return f"baseline {self.first_week} to {self.last_week}"
