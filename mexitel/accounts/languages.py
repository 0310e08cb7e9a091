"""The language of a person: one for their pages and their messages, kept on the account.

A visitor's choice is a cookie; a second one, short-lived, says that it was made a moment ago, so that signing in brings
the account's language unless the person has just asked for another.
"""

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

from mexitel.accounts import services
from mexitel.accounts.models import User

JUST_CHOSEN = "mexitel_language_chosen"
JUST_SECONDS = 30 * 60


def choose(response: HttpResponseBase, code: str, *, user: User | None) -> None:
    """Somebody asked for the language ``code``, one of settings.LANGUAGES."""
    show(response, code)
    if user is not None:
        services.set_language(user=user, language=code)
    else:
        response.set_cookie(
            JUST_CHOSEN, "1", max_age=JUST_SECONDS, samesite="Lax", httponly=True,
            secure=settings.SESSION_COOKIE_SECURE,
        )  # fmt: skip


def arrive(request: HttpRequest, response: HttpResponseBase, *, user: User, here: str) -> None:
    """Somebody signed in while the pages spoke ``here``: a choice of just now is kept, else the account's counts."""
    if JUST_CHOSEN in request.COOKIES:
        services.set_language(user=user, language=here)
        response.delete_cookie(JUST_CHOSEN, samesite="Lax")
    show(response, user.language)


def show(response: HttpResponseBase, code: str) -> None:
    """The next pages of this browser speak ``code``."""
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME, code, max_age=settings.LANGUAGE_COOKIE_AGE, samesite="Lax",
        secure=settings.LANGUAGE_COOKIE_SECURE,
    )  # fmt: skip
