"""The device of a request: a keyed mark of the browser's signed cookie, or "" where there is none."""

from importlib import import_module

from django.http import HttpRequest

HOME, NAME = "mexitel.utils.browsers", "seen_of"


def client_of(request: HttpRequest) -> tuple[str, str]:
    """(network prefix, device), as a BookingAttempt carries them."""
    try:
        seen_of = getattr(import_module(HOME), NAME)
    except ModuleNotFoundError:
        return "", ""
    seen = seen_of(request)
    return seen.prefix, seen.device


def device_of(request: HttpRequest) -> str:
    return client_of(request)[1]
