"""Why an answer was not taken. Each has a stable ``code`` and a sentence."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext


class AskingError(Exception):
    """Nothing was settled."""

    code = "asking"
    sentence: Promise | str = ""


class Over(AskingError):
    """Answered, run out, or nobody asks any more."""

    code = "over"
    sentence = _("This was answered, or it is no longer needed.")


class WrongData(AskingError):
    """``left`` more tries."""

    code = "wrong_data"

    def __init__(self, left: int) -> None:
        super().__init__(left)
        text = ngettext(
            "These data are not the ones of the appointment. You can try %(count)d more time.",
            "These data are not the ones of the appointment. You can try %(count)d more times.",
            left,
        )
        self.sentence = text % {"count": left}


class TooManyTries(AskingError):
    code = "too_many_tries"
    sentence = _("The data did not fit too many times. It can be done by phone or at the window.")


class NotInHand(AskingError):
    code = "not_in_hand"
    sentence = _("A colleague has this call in hand, or your time for it ran out. Take it again.")


class NightThere(AskingError):
    code = "night_there"
    sentence = _("It is night where this person lives. Call after eight in the morning.")
