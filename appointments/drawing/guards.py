"""What ``BOOKING_GUARDS`` names for this room."""

from appointments.drawing.holding import ORIGIN
from appointments.guards import BookingAttempt, BookingRefused
from appointments.models import DrawPerson
from appointments.services.applicants import identity_of


def only_who_applied(attempt: BookingAttempt) -> None:
    """What was won is for the people who applied, whoever types the names: a prize that could be handed over would be
    sold. Asks PostgreSQL only.
    """
    if attempt.verb != "confirm" or attempt.hold is None or attempt.origin != ORIGIN:
        return
    people = DrawPerson.objects.filter(application__win__hold_id=attempt.hold)
    applied = {bytes(one) for one in people.values_list("identity_hash", flat=True)}
    if {identity_of(entries[0]) for entries in attempt.people if entries} != applied:
        raise BookingRefused("not_who_won")
