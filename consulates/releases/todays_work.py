"""What waits of releases: drafts that a colleague wrote and somebody signs, and sessions that open at no moment."""

from collections.abc import Iterable

from django.db.models import Count, Exists, OuterRef
from django.utils.translation import ngettext

from consulates.models import Release, ReleaseOffice, ReleaseState, Session
from consulates.roles import May
from consulates.today import Asked, Line, address, first_few, kind_of_work
from consulates.todays_work import PLAN, SIGNATURES
from consulates.wording import moment

from .drafting import parked


@kind_of_work(42, SIGNATURES, May.SIGN)
def releases_to_approve(asked: Asked) -> Iterable[Line]:
    """Not those that this person wrote, nor those of an office in which they may not sign. Practice has none."""
    own = asked.access.offices(May.SIGN).filter(is_practice=asked.practice)
    foreign = ReleaseOffice.objects.filter(release=OuterRef("pk")).exclude(consulate__in=own)
    waiting = Release.objects.filter(state=ReleaseState.DRAFT, opens_at__gt=asked.now)
    waiting = waiting.filter(~Exists(foreign), Exists(Session.objects.filter(release=OuterRef("pk"))))
    waiting = waiting.exclude(made_by=asked.access.user).prefetch_related("offices__consulate")
    return first_few(map(_line, waiting), "")


def _line(draft: Release) -> Line:
    office = draft.offices.all()[0].consulate
    opens = moment(draft.opens_at, office.time_zone)
    return Line(draft.shown_name, address("staff_release_approve", office.code, draft.pk), opens)


@kind_of_work(52, PLAN, May.PUBLISH)
def sessions_without_an_opening(asked: Asked) -> Iterable[Line]:
    """Published, and open at no moment because their release was cancelled; by office."""
    waiting = asked.of(parked(now=asked.now).filter(consulate__in=asked.access.offices(May.PUBLISH)))
    counted = waiting.order_by().values("consulate__code", "consulate__city").annotate(count=Count("pk"))
    lines = (
        Line(
            ngettext("%(count)d session waits for an opening", "%(count)d sessions wait for an opening", row["count"])
            % {"count": row["count"]},
            address("staff_releases", row["consulate__code"]),
            row["consulate__city"],
        )
        for row in counted.order_by("consulate__code")
    )
    return first_few(lines, "")
