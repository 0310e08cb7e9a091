"""The one tap after a loss: into the next draw with the same wishes, now or as soon as one is announced."""

from datetime import datetime, timedelta

from appointments.drawing.carrying import COUNTS_FOR, next_draw
from appointments.drawing.errors import DrawError, NotCarried
from appointments.drawing.joining import Wishes, apply
from appointments.drawing.shown import IN_ORDER, LOST, state_of
from appointments.enums import Channel
from appointments.guards import BookingRefused
from appointments.models import DaysWanted, DrawApplication
from consulates.models import Release
from mexitel.accounts.models import User
from mexitel.utils.browsers import NOTHING

AT_ONCE = 500
# Whom a guard or their own bookings stop is tried again tomorrow, and not every minute.
TRY_AGAIN = timedelta(days=1)


def carry_on(
    *,
    application: DrawApplication,
    now: datetime,
    channel: str = Channel.WEB,
    client: tuple[str, str] = NOTHING,
    agent: User | None = None,
) -> DrawApplication | None:
    """The application in the next draw, or None when none takes applications yet: then ``enter_next`` makes it.

    Raises NotCarried, or what ``apply`` raises.
    """
    if state_of(application, now=now) not in (IN_ORDER, LOST):
        raise NotCarried
    if DrawApplication.objects.filter(carried_from=application).exists():
        raise NotCarried
    release = next_draw(application, now=now)
    if release is None:
        DrawApplication.objects.filter(pk=application.pk, carries_on_at=None).update(carries_on_at=now)
        return None
    return _enter(application, release, now=now, channel=channel, client=client, agent=agent)


def enter_next(*, now: datetime) -> int:
    """Whoever asked to go on is put into the draw that takes applications now; how many. Safe to run twice."""
    waiting = DrawApplication.objects.standing().filter(carries_on_at__lte=now, release__opens_at__gt=now - COUNTS_FOR)
    entered = 0
    for application in waiting.for_pages().order_by("carries_on_at")[:AT_ONCE]:
        release = next_draw(application, now=now)
        if release is None:
            continue
        try:
            _enter(application, release, now=now, channel=application.channel)
            entered += 1
        except (DrawError, BookingRefused):
            DrawApplication.objects.filter(pk=application.pk).update(carries_on_at=now + TRY_AGAIN)
    return entered


def wishes_again(application: DrawApplication, release: Release) -> Wishes:
    """The same wishes, as far as the other draw has them: days that were chosen are over, so any day."""
    offices = set(release.consulates.values_list("pk", flat=True))
    chosen = application.days_wanted == DaysWanted.CHOSEN
    return Wishes(
        procedure=application.procedure,
        applicants=tuple(one.applicant_id for one in application.people.all() if one.applicant_id),
        offices=tuple(pk for pk in application.office_ids if pk in offices),
        days=DaysWanted.ANY if chosen else application.days_wanted,
        half=application.half_wanted,
        sooner_first=application.sooner_first,
    )


def _enter(application: DrawApplication, release: Release, *, now: datetime, channel: str, **edge) -> DrawApplication:
    entered = apply(
        account=application.account,
        release=release,
        wishes=wishes_again(application, release),
        now=now,
        channel=channel,
        **edge,
    )
    DrawApplication.objects.filter(pk=application.pk).update(carries_on_at=None)
    return entered
