"""The one door to the register of charges (antifraud/oversight): what people tell here is looked at there too."""

from datetime import datetime

from antifraud.models import IdentityRequest
from antifraud.models.validation import Charged
from antifraud.oversight.reports import file_report


def hand_over(request: IdentityRequest, *, now: datetime) -> None:
    """A charge that somebody told of, with their words; our own row keeps them too (sealed)."""
    if request.charged == Charged.YES:
        file_report(
            source="validation",
            appointment_id=request.appointment_id,
            dollars=request.charged_dollars,
            words=request.charged_how,
            now=now,
        )
