"""Why somebody could not join the list or answer an offer. Each has a stable ``code`` and a sentence."""

from django.utils.translation import gettext as _


class WaitingError(Exception):
    """Nothing was written. ``facts`` says more."""

    code = "waiting"

    def __init__(self, facts: dict | None = None) -> None:
        super().__init__(self.code)
        self.facts = facts or {}


class WaitsAlready(WaitingError):
    """The account, its mailbox, its phone or one of the people has a place in the list of this kind of procedure."""

    code = "waits_already"


class PersonBooked(WaitingError):
    """Somebody has an appointment of that kind already; ``facts["applicant"]`` says who."""

    code = "person_booked"


class PersonDoesNotFit(WaitingError):
    """The procedure is not for that age; ``facts["applicant"]`` says who."""

    code = "person_does_not_fit"


class NobodyChosen(WaitingError):
    code = "nobody_chosen"


class TooManyPeople(WaitingError):
    code = "too_many_people"


class NotOneFamily(WaitingError):
    """Six to eight places are for minors and those of their family who answer for them."""

    code = "not_one_family"


class WrongNumber(WaitingError):
    """Several people attend this procedure in one place: ``facts`` says from ``least`` to ``most``."""

    code = "wrong_number"


class Unreachable(WaitingError):
    """No mailbox and no phone that takes messages: an offer of half an hour would never arrive."""

    code = "unreachable"


class NotWaiting(WaitingError):
    """That place in the list is over."""

    code = "not_waiting"


class NoOffer(WaitingError):
    """That offer is over, or never was."""

    code = "no_offer"


def sentence(error: WaitingError) -> str:
    people = {"least": error.facts.get("least", 2), "most": error.facts.get("most", 4)}
    sentences = {
        "waits_already": _("You already have a place in the list for this kind of procedure."),
        "person_booked": _("Somebody you chose already has an appointment of this kind. Move that one, or cancel it."),
        "person_does_not_fit": _("This procedure is not for somebody of that age. Choose another procedure."),
        "nobody_chosen": _("Choose who needs the appointment."),
        "too_many_people": _("Choose up to eight people."),
        "not_one_family": _("Six to eight places are for one family: at most two adults, and their children."),
        "wrong_number": _("Mark all who attend this appointment, from %(least)s to %(most)s people.") % people,
        "unreachable": _("We need an e-mail or a phone: the offer arrives there and waits half an hour."),
        "not_waiting": _("This place in the list is over."),
        "no_offer": _("This offer is over. You keep your place in the list."),
    }
    return sentences[error.code]
