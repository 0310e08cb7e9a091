"""Why the desk did not do what was asked. Each has a stable ``code`` and a sentence for the reviewer."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class DeskError(Exception):
    """Nothing was written."""

    code = "desk"
    sentence: Promise | str = ""


class DecidedBefore(DeskError):
    code = "decided"
    sentence = _("A colleague decided this case a moment ago. This is how it stands now.")


class InOtherHands(DeskError):
    code = "taken"
    sentence = _("A colleague has this case in hand. It is free again when they give it back, or after half an hour.")


class HandsFull(DeskError):
    """More cases in one hand would only keep colleagues from them."""

    code = "hands_full"
    sentence = _("You have five cases in hand. Decide one or give it back first.")


class GrewMeanwhile(DeskError):
    code = "grew"
    sentence = _("Appointments came into the case while you were reading. Look at them before you decide.")


class NothingChosen(DeskError):
    code = "nothing_chosen"
    sentence = _("Choose at least one appointment that is still to come.")


class NotOfTheCase(DeskError):
    code = "foreign"
    sentence = _("One of those appointments is not of this case.")


class SecondPersonNeeded(DeskError):
    code = "second_person"
    sentence = _("Whoever decided does not approve. A colleague has to.")


class OwnBookings(DeskError):
    code = "own"
    sentence = _("Nobody decides about their own bookings.")


class HasCase(DeskError):
    """``case_id`` is the standing case of that booker."""

    code = "has_case"
    sentence = _("This account has a case already.")

    def __init__(self, case_id: int) -> None:
        super().__init__(case_id)
        self.case_id = case_id
