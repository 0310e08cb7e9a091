"""Why something of the register was not done. Each has a stable ``code`` and a sentence."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class AdvertError(Exception):
    """Nothing was written."""

    code = "advert"
    sentence: Promise | str = ""


class MovedOn(AdvertError):
    code = "moved_on"
    sentence = _("A colleague changed this advert a moment ago. This is how it stands now.")


class InOtherHands(AdvertError):
    code = "in_other_hands"
    sentence = _("A colleague has this advert in hand. Wait, or ask them.")


class NoSuchStep(AdvertError):
    code = "no_such_step"
    sentence = _("From here that step does not exist.")


class NoGround(AdvertError):
    code = "no_ground"
    sentence = _("Say what is wrong with it: the platform reads it.")


class NoTarget(AdvertError):
    code = "no_target"
    sentence = _("Choose the advert with which it is the same.")


class NothingToReport(AdvertError):
    code = "nothing_to_report"
    sentence = _("Nothing of this platform waits to be reported.")


class NoSuchCase(AdvertError):
    code = "no_such_case"
    sentence = _("There is no case of that number that knows this contact.")


class LinkedAlready(AdvertError):
    code = "linked_already"
    sentence = _("This advert is in that case already.")


class ChangedMeanwhile(AdvertError):
    code = "changed_meanwhile"
    sentence = _("Somebody published other phrases meanwhile. Look at them before you publish yours.")
