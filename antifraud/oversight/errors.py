"""Why something of this room was not done. Each has a stable ``code`` and a sentence."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class OversightError(Exception):
    """Nothing was written."""

    code = "oversight"
    sentence: Promise | str = ""


class NotYourDraft(OversightError):
    code = "not_your_draft"
    sentence = _("Only the author changes, rehearses or withdraws a draft. Make one of your own from it.")


class NoDraft(OversightError):
    code = "no_draft"
    sentence = _("This rule set is not a draft any more.")


class NotRehearsed(OversightError):
    code = "not_rehearsed"
    sentence = _("It has to be rehearsed first, exactly as it stands now.")


class SamePerson(OversightError):
    code = "same_person"
    sentence = _("Whoever wrote the rules does not publish them. A colleague has to.")


class RehearsesAlready(OversightError):
    code = "rehearses_already"
    sentence = _("It is being rehearsed already.")


class ReadAlready(OversightError):
    code = "read_already"
    sentence = _("A colleague has read this report a moment ago.")


class NoSuchCase(OversightError):
    code = "no_such_case"
    sentence = _("There is no case of that number.")
