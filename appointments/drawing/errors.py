"""Why an application was not taken, or not changed. Each has a stable ``code``; the sentences stand in ``sentence``."""

from django.utils.translation import gettext as _

from appointments.errors import BookingError
from appointments.refusals import sentence as booking_sentence


class DrawError(Exception):
    """An expected refusal; nothing was written. ``facts`` says more (the applicant whom it is about)."""

    code = "refused"

    def __init__(self, facts: dict | None = None) -> None:
        super().__init__(self.code)
        self.facts = facts or {}


class NotOpenForApplications(DrawError):
    """Too early, too late, cancelled, or no draw at all."""

    code = "not_joinable"


class AppliedAlready(DrawError):
    """Another account with the same mailbox or phone has an application in this draw."""

    code = "applied_already"


class PersonApplied(DrawError):
    """``facts["applicant"]`` is in another application of this draw, of an account linked with this one."""

    code = "person_applied"


class PersonBooked(DrawError):
    """``facts["applicant"]`` has an appointment for this kind of procedure."""

    code = "applicant_booked"


class WrongPeople(DrawError):
    """Nobody, too many, a stranger's, or somebody whom the procedure does not serve."""

    code = "wrong_people"


class NotAFamily(DrawError):
    code = "not_one_family"


class NothingSuits(DrawError):
    """No session of the draw fits what they want."""

    code = "nothing_suits"


class Blocked(DrawError):
    code = "blocked"


class TooLate(DrawError):
    """The lists are closed, or the seats are no longer kept."""

    code = "too_late"


class NotCarried(DrawError):
    """It won, was withdrawn, stands in another draw already, or its draw is not over."""

    code = "not_carried"


def sentence(error: DrawError | BookingError) -> str:
    """What the page, the API and the agent say."""
    sentences = {
        "not_joinable": _("You cannot apply to this draw now. The page says from when until when people apply."),
        "applied_already": _(
            "With your e-mail or your phone there is an application to this draw already. Each counts once, so that"
            " everybody has the same chance."
        ),
        "person_applied": _("This person is in another application to this draw. Each person takes part once."),
        "wrong_people": _("Choose for whom it is: one to five people, each of them once."),
        "nothing_suits": _("This draw has no times like that. Choose another day, hour or office."),
        "too_late": _("The lists are closed. This can no longer be changed."),
        "not_carried": _("This application cannot go on to another draw."),
    }
    return sentences.get(error.code) or booking_sentence(error.code, error.facts)
