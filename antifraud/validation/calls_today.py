"""What waits for agents on their first page: calls to make."""

from collections.abc import Iterable

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from antifraud.validation.selectors import calls_to_make
from appointments.visits import grouped
from consulates.roles import May
from consulates.today import Asked, Line, address, first_few, kind_of_work
from consulates.wording import moment

SOON_HOURS = 12


@kind_of_work(25, gettext_lazy("To call"), May.PHONE)
def identity_calls(asked: Asked) -> Iterable[Line]:
    """The practice office calls nobody."""
    waiting = [] if asked.practice else calls_to_make(now=asked.now)
    lines = (
        Line(
            _("Confirm: %(reference)s") % {"reference": grouped(one.appointment.reference)},
            address("staff_identity_call", one.pk),
            _("before %(moment)s") % {"moment": moment(one.until, one.appointment.session.time_zone)},
            urgent=(one.until - asked.now).total_seconds() < SOON_HOURS * 3600,
        )
        for one in waiting
    )
    return first_few(lines, address("staff_identity_calls"))
