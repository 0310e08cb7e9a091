"""The functions that settings name (mexitel/accounts/guards.py, appointments/guards.py)."""

from django.conf import settings
from django.core import signing
from django.urls import reverse
from django.utils.translation import gettext as _

from antifraud.lanes import needs
from antifraud.selectors import block_of_contact, person_of_contact
from antifraud.validation.asking import is_frozen
from appointments.guards import BookingAttempt, BookingRefused, StepUpNeeded
from mexitel.accounts.guards import SignupAttempt, SignupRefused
from mexitel.utils.time import now as clock

SALT = "antifraud.block"


def refuse_blocked(attempt: SignupAttempt) -> None:
    """No new account for a contact that is blocked. Whoever proved it is sent to the page that says why.

    Asks PostgreSQL only. Accounts that exist are none of its business: their sign-in stays open.
    """
    block = block_of_contact(attempt.address, now=attempt.now)
    if block is None:
        return
    mark = signing.dumps([str(block.pk), person_of_contact(attempt.address).hex()], salt=SALT)
    link = reverse("block_by_link", args=[mark])
    sentence = _("With this contact no account can be opened for now. Read why, and ask for a review: %(link)s")
    raise SignupRefused("blocked", sentence % {"link": f"{settings.PUBLIC_URL}{link}"}, link)


def ask_a_step(attempt: BookingAttempt) -> None:
    """Before a hold, and before it becomes a booking, whoever serves themselves may have to take one step more; moving,
    the telephone and the window ask for nothing. Never a no: every step can be taken on the telephone.

    Redis down: no release is hot, so no work is asked for; codes and calls are decided by PostgreSQL as ever.
    """
    if attempt.channel not in needs.SELF_SERVICE:
        return
    now = attempt.now or clock()
    need = None
    if attempt.verb == "hold":
        need = needs.before_hold(attempt, now=now)
    elif attempt.verb == "confirm":
        need = needs.before_booking(attempt, now=now)
    if need:
        raise StepUpNeeded(need)


def keep_frozen(attempt: BookingAttempt) -> None:
    """Nobody corrects who attends, through any door, while that person is being asked. Asks PostgreSQL only."""
    if attempt.verb == "correct" and attempt.appointment and is_frozen(attempt.appointment):
        raise BookingRefused("being_asked")
