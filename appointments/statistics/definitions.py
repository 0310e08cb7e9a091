"""What each figure means: written once, shown on the pages, in the API and in the data dictionary, in both languages.

Offered, booked, kept and issued are four different numbers. The portal knows the first three.
"""

from dataclasses import dataclass
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Of(StrEnum):
    """What a figure counts, which decides how it is published (privacy.py)."""

    PLACES = "places"
    PEOPLE = "people"
    DAYS = "days"
    SHARE = "share"


@dataclass(frozen=True)
class Measure:
    """``code`` is the column of the files and of the facts; a figure without a column is reckoned from others."""

    code: str
    name: Promise
    meaning: Promise
    of: Of


MEASURES: tuple[Measure, ...] = (
    Measure(
        "sessions",
        pgettext_lazy("figures", "Sessions"),
        _("Published sessions with at least one time that stood. One office in one place on one day is one session."),
        Of.PLACES,
    ),
    Measure(
        "sessions_held",
        pgettext_lazy("figures", "Sessions held"),
        _("Sessions that the office closed at the end of the day, with who came. A planned session is not a held one."),
        Of.PLACES,
    ),
    Measure(
        "nominal",
        pgettext_lazy("figures", "Full capacity"),
        _("Places if every window worked at every time of the published sessions. Some of them are never opened."),
        Of.PLACES,
    ),
    Measure(
        "offered",
        pgettext_lazy("figures", "Offered"),
        _(
            "Places that anybody could book, on the web or by telephone, and that stood until their time came. "
            "It counts places, not people."
        ),
        Of.PLACES,
    ),
    Measure(
        "reserved",
        pgettext_lazy("figures", "Set apart"),
        _("Places that staff give to emergencies and to people in need. They are not in the number of offered places."),
        Of.PLACES,
    ),
    Measure(
        "booked",
        pgettext_lazy("figures", "Booked"),
        _("Appointments that stood when their time came. One that was cancelled or moved before is not counted."),
        Of.PEOPLE,
    ),
    Measure(
        "kept",
        pgettext_lazy("figures", "Kept"),
        _("Booked appointments to which the person came, as the office noted. It does not count documents."),
        Of.PEOPLE,
    ),
    Measure(
        "no_show",
        pgettext_lazy("figures", "No one came"),
        _("Booked appointments to which nobody came, or another person came in their place, as the office noted."),
        Of.PEOPLE,
    ),
    Measure(
        "cancelled",
        pgettext_lazy("figures", "Cancelled"),
        _("Appointments for that day that were cancelled, by the person, by the office or after a review."),
        Of.PEOPLE,
    ),
    Measure(
        "moved_away",
        pgettext_lazy("figures", "Moved"),
        _("Times that somebody changed an appointment of that day for another time."),
        Of.PEOPLE,
    ),
    Measure(
        "displaced",
        pgettext_lazy("figures", "Closed by the office"),
        _("Appointments of that day that lost their time because the office closed it. It looks for another for each."),
        Of.PEOPLE,
    ),
    Measure(
        "freed",
        pgettext_lazy("figures", "Freed"),
        _("Times that a place of that day came back because its appointment was cancelled or moved."),
        Of.PEOPLE,
    ),
    Measure(
        "reused",
        pgettext_lazy("figures", "Freed and used again"),
        _("Of the freed places, those that somebody else booked afterwards."),
        Of.PEOPLE,
    ),
    Measure(
        "lead_days_mean",
        pgettext_lazy("figures", "Days ahead"),
        _("Mean number of days between the day of booking and the day of the appointment, of booked appointments."),
        Of.DAYS,
    ),
    Measure(
        "wait_days_median",
        pgettext_lazy("figures", "Days to the soonest place"),
        _(
            "Each day about noon the portal looks how many days away the first free place of an office is. "
            "Half of these looks gave this number or less."
        ),
        Of.DAYS,
    ),
    Measure(
        "looks_without_place",
        pgettext_lazy("figures", "Days with nothing free"),
        _("Of those looks, the share in which no place was free at all."),
        Of.SHARE,
    ),
    Measure(
        "capacity_opened",
        pgettext_lazy("figures", "Capacity opened"),
        _("Offered places and those set apart, as a share of full capacity."),
        Of.SHARE,
    ),
    Measure(
        "capacity_used",
        pgettext_lazy("figures", "Capacity used"),
        _("Booked appointments as a share of full capacity."),
        Of.SHARE,
    ),
)
BY_CODE = {measure.code: measure for measure in MEASURES}
SUPPLY = ("sessions", "sessions_held", "nominal", "offered", "reserved")
USE = ("booked", "kept", "no_show", "cancelled", "moved_away", "displaced", "freed", "reused")
RECKONED = ("lead_days_mean", "wait_days_median", "looks_without_place", "capacity_opened", "capacity_used")

ISSUED = _(
    "Issued documents are counted by the offices, not by this portal. A person who came may need another visit, or "
    "take home more than one document."
)
SUPPRESSION = _(
    "Numbers about people from 1 to 4 are shown as <5. All others about people go to the nearest multiple of 5. "
    "So nobody can be found by taking one number from another. Places and sessions are exact."
)
DAY = _(
    "Every number belongs to the day of the appointment, in the local time of the session. The figures of a month can "
    "change until the fifth day of the next month, since offices note late who came. Then they are frozen for ever."
)
