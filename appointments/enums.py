"""The states of an appointment, the doors it came in by, and the scopes in which the lock of five is counted."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class AppointmentStatus(models.TextChoices):
    BOOKED = "booked", _("booked")
    CANCELLED = "cancelled", _("cancelled")
    ATTENDED = "attended", _("attended")
    NO_SHOW = "no_show", _("did not attend")
    ORPHANED = "orphaned", _("needs a new time")


# What may follow what; a move keeps an appointment booked, or makes an orphaned one booked again. An outcome noted
# at the door is undone within minutes, and somebody who was given up may still come (models/attendance.py).
TRANSITIONS = {
    AppointmentStatus.BOOKED: {
        AppointmentStatus.BOOKED,
        AppointmentStatus.CANCELLED,
        AppointmentStatus.ATTENDED,
        AppointmentStatus.NO_SHOW,
        AppointmentStatus.ORPHANED,
    },
    AppointmentStatus.ORPHANED: {AppointmentStatus.BOOKED, AppointmentStatus.CANCELLED},
    AppointmentStatus.CANCELLED: set(),
    AppointmentStatus.ATTENDED: {AppointmentStatus.BOOKED},
    AppointmentStatus.NO_SHOW: {AppointmentStatus.BOOKED},
}


class Channel(models.TextChoices):
    WEB = "web", _("web")
    API = "api", _("partner or app")
    PHONE = "phone", _("telephone")
    COUNTER = "counter", _("window")


class ScopeKind(models.IntegerChoices):
    """In the order in which the claim locks them: an account's row names its group, so accounts come first."""

    ACCOUNT = 1
    EMAIL = 2
    PHONE = 3
    STATED_PHONE = 4
    PERSON = 5
    GROUP = 6


class MarkKind(models.IntegerChoices):
    """What a booker can be blocked by without paying permits in it."""

    ADDRESS = 1
    DOMAIN = 2


# The caps of DESIGN 4.5: a caller who only states a phone may hold two, one who has neither, one.
BASE_CAPS = {
    ScopeKind.ACCOUNT: 5,
    ScopeKind.EMAIL: 5,
    ScopeKind.PHONE: 5,
    ScopeKind.STATED_PHONE: 2,
    ScopeKind.PERSON: 1,
    ScopeKind.GROUP: 5,
}
HIGHEST_CAP = 15
# A family with minors, in one go.
LARGEST_FAMILY = 8
