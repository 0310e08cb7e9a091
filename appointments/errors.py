"""Why a booking did not happen. Each has a stable ``code``, shared by pages, API and telephone desk; the
sentence that a person reads stands in appointments/refusals.py.
"""

from appointments.claim import Answer


class BookingError(Exception):
    """An expected refusal; nothing was written. ``facts`` says more (the scope that is full, the applicant
    that clashes).
    """

    code = "refused"

    def __init__(self, facts: dict | None = None) -> None:
        super().__init__(self.code)
        self.facts = facts or {}


class SlotFull(BookingError):
    """Fewer free seats than the party."""

    code = "full"


class SlotBusy(BookingError):
    """The last free seats are in somebody's open transaction; a moment later it is certain."""

    code = "busy"


class SlotClosed(BookingError):
    """The time was closed, or belongs to a session that is not published."""

    code = "closed"


class SlotStarted(BookingError):
    """The time has begun."""

    code = "started"


class SlotNotOpen(BookingError):
    """Not bookable yet, or given by queue or draw."""

    code = "not_open"


class UnknownSlot(BookingError):
    code = "unknown_slot"


class ProcedureNotOffered(BookingError):
    """That session does not serve the procedure."""

    code = "not_offered"


class SeveralSessions(BookingError):
    """A party attends in one session."""

    code = "several_sessions"


class LockFull(BookingError):
    """One more would exceed the cap of the scope in ``facts`` (the lock of five, docs/adr/0003)."""

    code = "lock_full"


class BookerBlocked(BookingError):
    """A scope of the booker has a cap of 0."""

    code = "blocked"


class TooManyHolds(BookingError):
    """Two parties of this booker are held already; ``facts["until"]``: when the first of them ends."""

    code = "too_many_holds"


class CoolingDown(BookingError):
    """Holds were left to expire; ``facts["until"]``: when the next may be made (appointments/sql/08_holding.sql)."""

    code = "cool_down"


class HeldBefore(BookingError):
    """The booker gave back or left what is free there; ``facts["until"]``: from when they may have it."""

    code = "held_before"


class HoldExpired(BookingError):
    """The hold ran out or its seats are no longer its own."""

    code = "hold_expired"


class UnknownHold(BookingError):
    """No such hold, or somebody else's: the two look alike."""

    code = "unknown_hold"


class AlreadyExtended(BookingError):
    code = "already_extended"


class PeopleMissing(BookingError):
    """Not one person for each seat."""

    code = "people_missing"


class ApplicantTwice(BookingError):
    code = "applicant_twice"


class ApplicantBooked(BookingError):
    """``facts["applicant"]`` has an active appointment for this kind of procedure already."""

    code = "applicant_booked"


class UnknownAppointment(BookingError):
    """No such appointment, or somebody else's: the two look alike."""

    code = "unknown_appointment"


class NotMovable(BookingError):
    code = "not_movable"


class NotCancellable(BookingError):
    code = "not_cancellable"


class NotGranted(BookingError):
    """The seats are not of the public's pool, and nobody signed for giving them."""

    code = "not_granted"


class NotOneFamily(BookingError):
    """Six to eight seats are for minors of one family; these people are something else."""

    code = "not_one_family"


class OtherPeople(BookingError):
    """These seats were offered to the people of an entry in the waiting list, and to nobody else."""

    code = "other_people"


class KeyReused(BookingError):
    """The idempotency key came with another body before."""

    code = "key_reused"


def _by_code(kind: type[BookingError]) -> dict[str, type[BookingError]]:
    return {sub.code: sub for sub in kind.__subclasses__()}


REFUSALS = _by_code(BookingError)


def raise_for(answer: Answer) -> None:
    """Raise the error that an answer stands for; return when it is ok."""
    if not answer.ok:
        raise REFUSALS[answer.code](answer.facts)
