"""What a person reads when they have to wait a while before the next hold: why, how long, and who helps meanwhile."""

from collections.abc import Mapping

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

NOT_YET = {"too_many_holds", "cool_down", "held_before"}


def not_yet(code: str, facts: Mapping) -> str:
    """For a code of NOT_YET with its ``minutes``. With ``aloud`` an agent says it, who is the way out already."""
    why = {
        "too_many_holds": _("We already keep two times for you. Finish one of them, or leave it."),
        "cool_down": _("You chose a time and did not finish, so there is a short wait before the next one."),
        "held_before": _("You let this time go a while ago, so now it is for other people. Choose another one."),
    }[code]
    way_out = _("If you need help, call %(phone)s: a person books with you.") % {"phone": settings.CONTACT_PHONE}
    by_phone = settings.CONTACT_PHONE and not facts.get("aloud")
    return " ".join([why, _wait(facts.get("minutes", 1)), *([way_out] if by_phone else [])])


AFTERWARDS = {"another_person", "not_correctable", "being_asked", "not_asked"}


def afterwards(code: str) -> str:
    """Why something was not done about a booked appointment (appointments/corrections, appointments/coming)."""
    return {
        "another_person": _(
            "Here you can correct only typing errors, up to two letters in each name. If somebody else attends,"
            " cancel this appointment and book another one for that person."
        ),
        "not_correctable": _("This appointment can no longer be corrected, because it has begun or is over."),
        "not_asked": _("We ask this from ten days before until the appointment begins."),
        "being_asked": _(
            "We asked the person of this appointment to confirm it. Until they answer, nothing can be corrected here."
        ),
    }[code]


def _wait(minutes: int) -> str:
    if minutes > 90:
        hours = round(minutes / 60)
        text = ngettext("You can try again in %(hours)d hour.", "You can try again in %(hours)d hours.", hours)
        return text % {"hours": hours}
    text = ngettext("You can try again in %(minutes)d minute.", "You can try again in %(minutes)d minutes.", minutes)
    return text % {"minutes": minutes}
