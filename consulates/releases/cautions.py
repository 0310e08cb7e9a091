"""What staff should know before they announce. Nothing here refuses: approving.py does."""

from collections.abc import Collection, Iterator
from datetime import datetime, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from consulates import wording
from consulates.models import Gate, Procedure, Release, ReleaseOffice, Session
from consulates.planning.holidays import proposed

from .moments import DAYS_BEFORE_SESSIONS, HOURS_FOR_WINNERS, HOURS_TO_KNOW, is_odd_hour


def cautions_for(
    release: Release, offices: Collection[ReleaseOffice], sessions: Collection[Session], *, now: datetime
) -> list[str]:
    """Sentences, worst first; the offices carry their consulate."""
    return [
        *_at_that_hour(offices),
        *_of_sessions(release, offices, sessions),
        *_of_procedures(release, sessions),
        *_of_time_to_know(release, now),
    ]


def _at_that_hour(offices: Collection[ReleaseOffice]) -> Iterator[str]:
    odd = [office for office in offices if is_odd_hour(office.opens_at, office.consulate.time_zone)]
    if odd:
        yield _("%(where)s: before 8 in the morning and after 8 at night people sleep or work.") % {
            "where": "; ".join(_in_words(office) for office in odd)
        }
    for office in offices:
        day = wording.local_day(office.opens_at, office.consulate.time_zone)
        for holiday in proposed(first=day, last=day, state=office.consulate.state):
            yield _("%(office)s: it opens on a holiday, %(holiday)s.") % {
                "office": office.consulate.name,
                "holiday": holiday.name,
            }


def _in_words(office: ReleaseOffice) -> str:
    return f"{office.consulate.city}, {wording.clock(office.opens_at, office.consulate.time_zone)}"


def _of_sessions(release: Release, offices: Collection[ReleaseOffice], sessions: Collection[Session]) -> Iterator[str]:
    opens = {office.consulate_id: office.opens_at for office in offices}
    began = [session for session in sessions if session.starts_at <= opens[session.consulate_id]]
    if began:
        yield ngettext(
            "%(count)d session begins before its places open. Take it out.",
            "%(count)d sessions begin before their places open. Take them out.",
            len(began),
        ) % {"count": len(began)}
    empty = [office.consulate.name for office in offices if not office.seats]
    if empty:
        yield _("No places in: %(where)s.") % {"where": ", ".join(empty)}
    left = min((session.starts_at - opens[session.consulate_id] for session in sessions), default=None)
    if left is not None and timedelta(0) < left < timedelta(days=DAYS_BEFORE_SESSIONS):
        yield ngettext(
            "From the opening to the first session there is only %(count)d day.",
            "From the opening to the first session there are only %(count)d days.",
            left.days,
        ) % {"count": left.days}
    if release.opens_to_all_at and any(session.starts_at <= release.opens_to_all_at for session in sessions):
        yield _("Some sessions begin before what is left opens to everybody: those places could stay empty.")


def _of_procedures(release: Release, sessions: Collection[Session]) -> Iterator[str]:
    """The page names those chosen, and a session gives a place for whatever it offers."""
    others = Procedure.objects.filter(sessions__in=sessions).exclude(releases=release).distinct()
    if release.procedures.exists() and others:
        yield _("These sessions also offer what is not chosen, and it can be booked there: %(which)s.") % {
            "which": ", ".join(procedure.name for procedure in others)
        }


def _of_time_to_know(release: Release, now: datetime) -> Iterator[str]:
    hours = int((release.opens_at - now).total_seconds() // 3600)
    if hours < 0:
        yield _("The moment of opening has gone by. Choose another one.")
    elif hours < HOURS_TO_KNOW:
        yield ngettext(
            "People have only %(count)d hour to learn of it.", "People have only %(count)d hours to learn of it.", hours
        ) % {"count": hours}
    if release.joins_from and release.joins_from <= now < release.opens_at:
        yield _("People could join from the moment of the announcement on.")
    left = release.opens_to_all_at and release.opens_to_all_at - release.opens_at
    if release.mode == Gate.DRAW and left and left < timedelta(hours=HOURS_FOR_WINNERS):
        yield _("A winner has a day to accept, and so has the next in order: leave at least 48 hours for them.")
