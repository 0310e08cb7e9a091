"""The door for whoever may refuse a sign-up: ``settings.SIGNUP_GUARDS`` lists dotted paths, asked in order."""

import logging
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.utils.module_loading import import_string

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class SignupAttempt:
    """Someone proved a contact by code and is about to get an account.

    ``channel`` is "email" or "sms"; ``address`` the exact e-mail or E.164 phone; ``client`` the network address
    as text; ``now`` timezone-aware.
    """

    channel: str
    address: str
    client: str
    now: datetime


class SignupRefused(Exception):
    """A guard said no. ``code`` is stable; ``message`` is a translated sentence for the person, may be empty; ``link``
    a page of ours that says more, for who has a browser.
    """

    def __init__(self, code: str, message: str = "", link: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.message = message
        self.link = link


def run_signup_guards(attempt: SignupAttempt) -> None:
    """Ask every guard. Raises SignupRefused; a guard that crashes is never consent (code ``unavailable``)."""
    for path in settings.SIGNUP_GUARDS:
        try:
            import_string(path)(attempt)
        except SignupRefused:
            raise
        except Exception as error:
            logger.exception("sign-up guard %s failed", path)
            raise SignupRefused("unavailable") from error
