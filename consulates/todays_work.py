"""What waits in this room: colleagues, signatures of theirs, weekends to confirm, drafts that nobody sees yet."""

from collections.abc import Iterable
from datetime import timedelta

from django.db.models import Count, Min
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from mexitel.accounts.models import LinkPurpose, StaffLink

from .models import Answer, Assignment, CampaignOffice, Session, SessionStatus
from .roles import May
from .services import recoveries
from .today import Asked, Line, address, first_few, kind_of_work
from .wording import short_date

SIGNATURES = gettext_lazy("Waiting for your signature")
COLLEAGUES = gettext_lazy("Colleagues")
PLAN = gettext_lazy("To plan and to publish")
LINK_ENDS_SOON = timedelta(hours=24)
ROLE_ENDS_SOON = timedelta(days=14)
DRAFTS_AHEAD = timedelta(days=21)


@kind_of_work(40, SIGNATURES, May.SIGN, May.PEOPLE)
def recoveries_to_sign(asked: Asked) -> Iterable[Line]:
    """Not those that this person opened or that are about them: another one signs."""
    own = asked.access.user.pk
    waiting = [] if asked.practice else recoveries.to_sign(access=asked.access, now=asked.now)
    lines = (
        Line(
            _("Access of %(who)s") % {"who": one.user.email},
            address("staff_recovery", one.pk),
            _("opened by %(who)s") % {"who": one.opened_by.email},
        )
        for one in waiting
        if own not in (one.user_id, one.opened_by_id)
    )
    return first_few(lines, address("staff_recoveries"))


@kind_of_work(60, COLLEAGUES, May.PEOPLE)
def invitations(asked: Asked) -> Iterable[Line]:
    """Links that nobody has used and that end within a day, or have ended."""
    links = StaffLink.objects.filter(
        purpose=LinkPurpose.INVITATION,
        used_at=None,
        expires_at__lte=asked.now + LINK_ENDS_SOON,
        user__in=Assignment.staff.not_over(now=asked.now).values("user"),
    )
    lines = (
        Line(
            _("Invitation of %(who)s") % {"who": link.user.email},
            address("staff_person", link.user_id),
            _link_ends(link, asked),
            urgent=link.expires_at <= asked.now,
        )
        for link in links.select_related("user").order_by("expires_at", "pk")
    )
    return first_few(lines, address("staff_people"))


def _link_ends(link: StaffLink, asked: Asked) -> str:
    if link.expires_at <= asked.now:
        return _("the link has ended: send it again")
    hours = max(1, round((link.expires_at - asked.now).total_seconds() / 3600))
    return ngettext("the link ends in %(count)d hour", "the link ends in %(count)d hours", hours) % {"count": hours}


@kind_of_work(61, COLLEAGUES, May.PEOPLE)
def roles_that_end(asked: Asked) -> Iterable[Line]:
    ending = Assignment.staff.in_force(now=asked.now).filter(ends_at__lte=asked.now + ROLE_ENDS_SOON)
    lines = (
        Line(
            f"{one.user.email}: {one.get_role_display()}",
            address("staff_person", one.user_id),
            _("ends %(day)s") % {"day": short_date(one.last_day)},
        )
        for one in ending.select_related("user", "consulate").order_by("ends_at", "pk")
    )
    return first_few(lines, address("staff_people"))


@kind_of_work(50, PLAN, May.PLAN)
def campaigns(asked: Asked) -> Iterable[Line]:
    """Weekends to which an office has not answered yet."""
    open_ones = CampaignOffice.staff.filter(answer=Answer.PROPOSED, campaign__saturday__gte=asked.now.date())
    lines = (
        Line(
            _("Confirm the hours of “%(campaign)s”") % {"campaign": one.campaign.name},
            address("staff_campaign_office", one.consulate.code, one.campaign.slug),
            one.consulate.name,
        )
        for one in asked.of(open_ones).select_related("campaign", "consulate").order_by("campaign__saturday", "pk")
    )
    return first_few(lines, address("staff_campaigns"))


@kind_of_work(51, PLAN, May.PUBLISH)
def drafts(asked: Asked) -> Iterable[Line]:
    """Sessions of the next weeks that no citizen sees yet, by office."""
    until = asked.now + DRAFTS_AHEAD
    coming = Session.staff.filter(status=SessionStatus.DRAFT, starts_at__gt=asked.now, starts_at__lte=until)
    counted = asked.of(coming).order_by().values("consulate__code", "consulate__city")
    counted = counted.annotate(count=Count("pk"), first=Min("date")).order_by("first", "consulate__code")
    lines = (
        Line(
            ngettext("%(count)d draft session", "%(count)d draft sessions", row["count"]) % {"count": row["count"]},
            address("staff_publish", row["consulate__code"]),
            _("%(city)s, the first on %(day)s") % {"city": row["consulate__city"], "day": short_date(row["first"])},
        )
        for row in counted
    )
    return first_few(lines, "")
