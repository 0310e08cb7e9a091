"""Why a block or an appeal was not decided so. Each has a stable ``code`` and a sentence."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class BlockError(Exception):
    """Nothing was written."""

    code = "block"
    sentence: Promise | str = ""


class DecidedAlready(BlockError):
    code = "decided"
    sentence = _("Somebody decided this a moment ago. This is how it stands now.")


class StandsAlready(BlockError):
    code = "stands"
    sentence = _("There is a block or a proposal for that name already.")


class EverybodysDomain(BlockError):
    """A provider's domain, or one with more than twenty people who came to their appointments."""

    code = "everybodys_domain"
    sentence = _("That domain is used by many people. Block the mailboxes instead.")


class SecondPersonNeeded(BlockError):
    code = "second_person"
    sentence = _("A domain is blocked by two people: another one has to confirm what you proposed.")


class AnotherPersonNeeded(BlockError):
    code = "another_person"
    sentence = _("Whoever decided does not decide the appeal. A colleague has to.")


class AppealOpen(BlockError):
    code = "appeal_open"
    sentence = _("You have asked already. A person answers within 72 hours.")


class NotBlocked(BlockError):
    code = "not_blocked"
    sentence = _("That block is over.")
