"""Why somebody cannot ask for a review, or take a place with a token. Each has a stable ``code`` and a sentence."""

from django.utils.translation import gettext_lazy as _

from antifraud.errors import BlockError


class RedressError(BlockError):
    """Nothing was written."""


class TooLate(RedressError):
    code = "too_late"
    sentence = _("The 30 days to ask for a review are over.")


class UndoneAlready(RedressError):
    code = "undone"
    sentence = _("This was undone already. You need not ask again.")


class NotDecider(RedressError):
    code = "not_decider"
    sentence = _("Whoever decided does not decide about it again. A colleague has to.")


class PhoneNeeded(RedressError):
    code = "phone_needed"
    sentence = _("First add your own phone to your account, and confirm it with the code that we send.")


class ReviewNeeded(RedressError):
    """The account is one of those that the case is about."""

    code = "review_needed"
    sentence = _("From this account, first ask for a review. Another person reads it.")


class DateDiffers(RedressError):
    code = "date_differs"
    sentence = _("That is not the date of birth in the appointment. Check it and try again.")


class TooManyTries(RedressError):
    code = "too_many_tries"
    sentence = _("That date was tried too often. Ask for a review: a person reads it.")


class NotUsable(RedressError):
    code = "not_usable"
    sentence = _("This right to a place was used, or it is over.")
