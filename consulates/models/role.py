"""Who may do what, where and until when."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from .consulate import Consulate
from .staff_rows import staff_rows

ZONE_OF_THE_NETWORK = "America/Mexico_City"


class Role(models.TextChoices):
    PLANNER = "planner", _("Planner")
    DESK_CLERK = "desk_clerk", _("Desk clerk")
    PHONE_AGENT = "phone_agent", _("Telephone agent")
    OFFICE_MANAGER = "office_manager", _("Office manager")
    NETWORK_COORDINATOR = "network_coordinator", _("Network coordinator")
    REVIEWER = "reviewer", _("Reviewer")
    SENIOR_REVIEWER = "senior_reviewer", _("Senior reviewer")
    AUDITOR = "auditor", _("Auditor")
    ADMINISTRATOR = "administrator", _("Administrator")

    @classmethod
    def of_the_network(cls) -> list["Role"]:
        """Roles that make no sense in a single office."""
        return [cls.NETWORK_COORDINATOR, cls.ADMINISTRATOR]


class AssignmentQuerySet(models.QuerySet):
    def not_over(self, *, now: datetime) -> "AssignmentQuerySet":
        """In force, or still to begin."""
        return self.filter(Q(ends_at=None) | Q(ends_at__gt=now), Q(ends_at=None) | Q(ends_at__gt=F("starts_at")))

    def in_force(self, *, now: datetime) -> "AssignmentQuerySet":
        return self.filter(Q(ends_at=None) | Q(ends_at__gt=now), starts_at__lte=now, user__is_active=True)


class Assignment(models.Model):
    """One role of one person in one office; without an office, in the whole network. Ended, never deleted."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="assignments")
    role = models.CharField(max_length=20, choices=Role.choices)
    consulate = models.ForeignKey(
        Consulate, null=True, blank=True, on_delete=models.PROTECT, related_name="assignments"
    )
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True, blank=True)
    granted_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=200, blank=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    objects = AssignmentQuerySet.as_manager()
    # For pages of staff: shows the offices of who asks, and refuses to answer where nobody said who that is.
    staff = staff_rows(AssignmentQuerySet)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(role__in=Role.values), name="consulates_assignment_role_is_known"),
            models.CheckConstraint(
                condition=Q(consulate=None) | ~Q(role__in=Role.of_the_network()),
                name="consulates_assignment_network_role_has_no_office",
                violation_error_message=_("This role is of the whole network."),
            ),
            models.CheckConstraint(
                condition=Q(ends_at=None) | Q(ends_at__gte=F("starts_at")),
                name="consulates_assignment_ends_after_it_starts",
                violation_error_message=_("The role ends after it starts."),
            ),
            models.UniqueConstraint(
                fields=["user", "role", "consulate"],
                condition=Q(ends_at=None),
                nulls_distinct=False,
                name="consulates_assignment_once_in_force",
                violation_error_message=_("This person has that role there already."),
            ),
            models.CheckConstraint(
                condition=(Q(granted_by=None) | ~Q(granted_by=F("user"))) & (Q(ended_by=None) | ~Q(ended_by=F("user"))),
                name="consulates_assignment_changed_by_another",
                violation_error_message=_("Nobody changes their own roles."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.role} of {self.user_id} in {self.consulate_id or 'the network'}"

    @property
    def first_day(self) -> date:
        return self._day(self.starts_at)

    @property
    def last_day(self) -> date | None:
        """The last one on which it holds: a role until midnight does not name the day that begins then."""
        return self._day(self.ends_at - timedelta(microseconds=1)) if self.ends_at else None

    def _day(self, at: datetime) -> date:
        return at.astimezone(ZoneInfo(self.consulate.time_zone if self.consulate else ZONE_OF_THE_NETWORK)).date()


class Recovery(models.Model):
    """A colleague lost their second factor: one person opens, another signs, and only then the old one goes."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="recoveries")
    reason = models.CharField(max_length=200)
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    opened_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    signed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    signed_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(signed_by=None) | ~Q(signed_by=F("opened_by")),
                name="consulates_recovery_two_people",
                violation_error_message=_("Another person signs, not the one who opened it."),
            ),
            models.CheckConstraint(
                condition=~Q(opened_by=F("user")) & (Q(signed_by=None) | ~Q(signed_by=F("user"))),
                name="consulates_recovery_by_colleagues",
                violation_error_message=_("Nobody recovers their own second factor."),
            ),
            models.CheckConstraint(
                condition=Q(signed_by=None, signed_at=None)
                | Q(signed_by__isnull=False, signed_at__isnull=False, withdrawn_at=None),
                name="consulates_recovery_signed_has_its_moment",
            ),
            models.UniqueConstraint(
                fields=["user"],
                condition=Q(signed_at=None, withdrawn_at=None),
                name="consulates_recovery_one_open",
                violation_error_message=_("A recovery is open for this person already."),
            ),
        ]

    def __str__(self) -> str:
        return f"recovery {self.pk}"
