"""The words of an answer: why not, and what else helps. The same on the page, in the mail and on the telephone."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from appointments.models import EmergencyRequest, WhyNot

WHY: dict[str, Promise] = {
    WhyNot.NOT_URGENT: _("The date you gave leaves time for an ordinary appointment."),
    WhyNot.PROOF_MISSING: _("We could not see the paper or photo that shows the emergency."),
    WhyNot.WRONG_OFFICE: _("This office cannot do it. Another office or authority can."),
    WhyNot.OTHER_HELP: _("An appointment does not solve this. Another kind of help does."),
    WhyNot.NO_SEAT: _("There is no place left at the office before your date."),
    WhyNot.BOOKED_ALREADY: _("You have an appointment before your date already."),
}


@dataclass(frozen=True)
class Help:
    text: Promise
    link: str = ""
    link_text: Promise | str = ""


SEARCH = Help(
    _("Look for a place at other offices and at weekends. Cancelled places come back during the day."),
    "search",
    _("Find an appointment"),
)
ASK_AGAIN = Help(_("If something changes, or you get a paper, ask again. It does not count against you."))
LINE = Help(_("The protection line helps you at any hour, day and night."))
OFFICE = Help(_("Call or go to the office. Say that it is an emergency."), "office_list", _("See the offices"))
HELPS: dict[str, list[Help]] = {
    WhyNot.NOT_URGENT: [SEARCH, ASK_AGAIN],
    WhyNot.PROOF_MISSING: [ASK_AGAIN, OFFICE],
    WhyNot.WRONG_OFFICE: [OFFICE, LINE],
    WhyNot.OTHER_HELP: [LINE, OFFICE],
    WhyNot.NO_SEAT: [SEARCH, LINE, OFFICE],
    WhyNot.BOOKED_ALREADY: [Help(_("See your appointment."), "my_appointments", _("My appointments")), ASK_AGAIN],
}


def why_sentence(why: str) -> str:
    return str(WHY.get(why, ""))


def what_helps(request: EmergencyRequest) -> list[dict]:
    """Each with ``text`` and, where there is a page, ``href`` and ``link_text``."""
    return [
        {"text": str(one.text), "href": reverse(one.link) if one.link else "", "link_text": str(one.link_text)}
        for one in HELPS.get(request.why, [])
    ]
