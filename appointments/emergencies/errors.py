"""Why something about an urgent request could not be done; the sentences stand in ``sentence``."""

from django.utils.translation import gettext as _

from appointments.errors import BookingError
from appointments.models.emergency import MOST_OPEN, MOST_PROOFS
from appointments.refusals import sentence as booking_sentence


class EmergencyError(Exception):
    """An expected refusal; nothing was written."""

    code = "refused"


class TooManyOpen(EmergencyError):
    code = "too_many_open"


class NotYours(EmergencyError):
    """It was answered, withdrawn, or a colleague has it."""

    code = "not_yours"


class AnsweredAlready(EmergencyError):
    code = "answered_already"


class TooManyProofs(EmergencyError):
    code = "too_many_proofs"


class PeopleMissing(EmergencyError):
    code = "nobody_named"


class SignatureNeeded(EmergencyError):
    """The office's daily number is used up: a second person signs."""

    code = "signature_needed"


class SameSigner(EmergencyError):
    code = "same_signer"


class NotOutside(EmergencyError):
    """Public seats need no line."""

    code = "not_outside"


def sentence(error: EmergencyError | BookingError) -> str:
    """What the page says."""
    if isinstance(error, BookingError):
        return booking_sentence(error.code, error.facts)
    sentences = {
        "too_many_open": _(
            "You have %(count)d open requests already. Wait for the answer, or withdraw one of them first."
        )
        % {"count": MOST_OPEN},
        "not_yours": _("A colleague has this request now, or it was answered. Go back to the list."),
        "answered_already": _("This request was answered already."),
        "too_many_proofs": _("Up to %(count)d files fit. Remove one first.") % {"count": MOST_PROOFS},
        "nobody_named": _("Say for whom the appointment is."),
        "signature_needed": _(
            "The seats of today that one signature covers are used up. A second person must sign this one."
        ),
        "same_signer": _("Whoever proposed it cannot sign it too. Ask another person."),
        "not_outside": _("That seat is public. It needs no line of its own."),
    }
    return sentences[error.code]
