"""The functions that settings name (mexitel/accounts/guards.py)."""

from django.conf import settings
from django.core import signing
from django.urls import reverse
from django.utils.translation import gettext as _

from antifraud.selectors import block_of_contact, person_of_contact
from mexitel.accounts.guards import SignupAttempt, SignupRefused

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
