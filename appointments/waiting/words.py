"""The list in plain words: where, when, why somebody else was first."""

from collections.abc import Sequence

from babel.dates import get_day_names
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from appointments.models import Skip, WaitingEntry
from consulates.models import Consulate


def where_words(entry: WaitingEntry) -> str:
    """``a menos de 50 millas de 90012 (Los Angeles, CA)``, or the offices' cities."""
    if entry.miles:
        return _("Less than %(miles)d miles from %(place)s") % {"miles": entry.miles, "place": entry.near}
    offices = Consulate.objects.filter(pk__in=entry.offices).order_by("city")
    return ", ".join(f"{office.city} ({office.state})" for office in offices)


def when_words(entry: WaitingEntry) -> str:
    return f"{days_words(entry.weekdays)}, {hours_words(entry.from_hour, entry.to_hour)}"


def days_words(weekdays: Sequence[int]) -> str:
    days = sorted(weekdays)
    if days == [1, 2, 3, 4, 5, 6, 7]:
        return _("any day")
    if days == [6, 7]:
        return _("Saturday or Sunday")
    if days == [1, 2, 3, 4, 5]:
        return _("Monday to Friday")
    return ", ".join(day_name(day) for day in days)


def day_name(iso_day: int) -> str:
    """``lunes``, ``Monday``"""
    english = (get_language() or "es").startswith("en")
    return get_day_names(locale="en_US" if english else "es_MX")[iso_day - 1]


def hours_words(from_hour: int, to_hour: int) -> str:
    if (from_hour, to_hour) == (0, 12):
        return _("in the morning")
    if (from_hour, to_hour) == (12, 24):
        return _("in the afternoon")
    return _("at any hour")


def skip_words(code: str, times: int) -> str:
    """Why a place went to somebody else, as the person reads it, and what they can do."""
    count = ngettext("%(n)d place went to somebody else:", "%(n)d places went to somebody else:", times) % {"n": times}
    if code in {Skip.CANNOT_END_IN_TIME, Skip.ASLEEP}:
        count = ngettext("%(n)d place was offered to nobody:", "%(n)d places were offered to nobody:", times) % {
            "n": times
        }
    return f"{count} {SENTENCES[Skip(code)]()}"


SENTENCES = {
    Skip.DOES_NOT_FIT: lambda: _("it was on a day or at an hour that you did not mark, or not for that age."),
    Skip.NOT_ENOUGH: lambda: _("there were fewer places than people in your group."),
    Skip.FULL_PERMITS: lambda: _("you already had as many appointments as are possible at the same time."),
    Skip.BLOCKED: lambda: _("you could not book at that moment."),
    Skip.APPLICANT_BOOKED: lambda: _("one of your group already has an appointment of this kind."),
    Skip.ASLEEP: lambda: _("it was night, and we wake nobody. Everybody could see it a little later."),
    Skip.DECLINED_BEFORE: lambda: _("you had been offered the same place before."),
    Skip.FREED_IT: lambda: _("it was the place that you had given up yourself."),
    Skip.HAS_OFFER: lambda: _("we were keeping another place for you at that moment."),
    Skip.ANOTHER_ENTRY: lambda: _("somebody with your phone or e-mail waits for the same in another account."),
    Skip.PAUSED: lambda: _("you had not answered four offers. Tell us that you still wait."),
    Skip.UNREACHABLE: lambda: _("our messages did not arrive. Check your e-mail or add a phone."),
    Skip.CANNOT_END_IN_TIME: lambda: _("less than half an hour was left until everybody could see it."),
}
