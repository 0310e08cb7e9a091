"""What feeds, cards and posters say about a release, in the active language."""

from datetime import datetime

from django.conf import settings
from django.urls import reverse
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from consulates import wording
from consulates.models import Gate, OfficeLine
from consulates.releases.shown import Shown, Stage
from consulates.releases.wording import how_it_works, mode_words
from mexitel.utils.calendar import long_date

from .reading import TourDay

MOST_NAMED = 4


def is_cancelled(shown: Shown) -> bool:
    return shown.stage == Stage.CANCELLED


def seats_words(seats: int) -> str:
    """``1,200 lugares``"""
    return ngettext("%(seats)s place", "%(seats)s places", seats) % {"seats": f"{seats:,}"}


def opens_words(seats: int) -> str:
    """``Se abren 1,200 lugares``"""
    return ngettext("%(seats)s place opens", "%(seats)s places open", seats) % {"seats": f"{seats:,}"}


def where_words(shown: Shown) -> str:
    """The office, the cities of a few, or how many they are."""
    if shown.is_one_office:
        return str(shown.offices[0].consulate.name)
    if len(shown.offices) <= MOST_NAMED:
        return ", ".join(sorted(row.consulate.city for row in shown.offices))
    return _("%(count)d offices") % {"count": len(shown.offices)}


def what_words(shown: Shown) -> str:
    """The procedures, or how many where they are many."""
    names = [str(one.name) for one in shown.procedures]
    if len(names) > MOST_NAMED:
        return _("%(first)s and %(more)d more procedures") % {"first": names[0], "more": len(names) - 1}
    return ", ".join(names)


def days_words(shown: Shown) -> str:
    if shown.first_day is None or shown.last_day is None:
        return ""
    if shown.first_day == shown.last_day:
        return long_date(shown.first_day)
    ends = {"first": wording.short_date(shown.first_day), "last": wording.short_date(shown.last_day)}
    return _("from %(first)s to %(last)s") % ends


def when_words(at: datetime, zone_name: str) -> str:
    return wording.moment(at, zone_name)


def free_words() -> str:
    return _("The appointment is free.")


def no_brokers_words() -> str:
    return _("Do not pay anyone for it. Nobody can sell it to you.")


def sentences(shown: Shown) -> list[str]:
    """What a calendar entry or a feed's entry says below its title."""
    release = shown.release
    told = [release.shown_reason] if is_cancelled(shown) else []
    told += [f"{seats_words(shown.seats)} · {mode_words(Gate(release.mode))}", where_words(shown)]
    if not is_cancelled(shown):
        told.append(how_it_works(Gate(release.mode)))
    if days := days_words(shown):
        told.append(_("Appointments: %(days)s.") % {"days": days})
    if what := what_words(shown):
        told.append(_("Procedures: %(what)s.") % {"what": what})
    return [*told, free_words(), no_brokers_words()]


def title_of(shown: Shown) -> str:
    if is_cancelled(shown):
        return _("Cancelled: %(name)s") % {"name": shown.release.shown_name}
    return shown.release.shown_name


def steps(shown: Shown, line: OfficeLine | None = None) -> list[str]:
    """What one does, in three short steps."""
    release, zone_name = shown.release, shown.time_zone
    if shown.is_queue:
        joins = when_words(release.joins_from, zone_name) if release.joins_from else ""
        return [
            _("Join the queue with your telephone, from %(moment)s.") % {"moment": joins},
            _("When it opens, a draw puts everybody in order. Coming earlier does not help."),
            _("When it is your turn, choose your day and hour."),
        ]
    if shown.is_draw:
        return [
            _("Apply with your telephone on any day before the draw."),
            _("Lots decide. You do not need to be online."),
            _("We write to you if you have a place."),
        ]
    call = _("Or call %(phone)s.") % {"phone": line.phone} if line else ""
    return [
        " ".join([_("At that hour, open the page with your telephone."), call]).strip(),
        _("Choose your day and hour."),
        _("Come with your documents. Nobody needs to stay awake at night."),
    ]


def page_url(name: str, *arguments: object) -> str:
    """The public address, in the active language also for somebody who has chosen none."""
    english = (get_language() or "es").startswith("en")
    return settings.PUBLIC_URL.rstrip("/") + reverse(name, args=arguments) + ("?idioma=en" if english else "")


def tour_title(day: TourDay) -> str:
    session = day.session
    said = f"{session.get_kind_display()}: {session.city}, {session.state}"
    return _("Cancelled: %(name)s") % {"name": said} if day.is_cancelled else said


def tour_sentences(day: TourDay) -> list[str]:
    session = day.session
    opens, closes = (wording.clock(at, session.time_zone) for at in (session.starts_at, session.ends_at))
    return [
        str(session.consulate.name),
        f"{long_date(session.date)}, {opens}–{closes} ({wording.zone_label(session.time_zone)})",
        _("Book your appointment before you come."),
        free_words(),
        no_brokers_words(),
    ]


def tour_url(day: TourDay) -> str:
    return page_url("office_day", day.session.consulate.code, day.session.date.isoformat())
