"""Edges of the personal pages."""

from collections.abc import Callable

from django.contrib.auth.decorators import login_required
from django.views.decorators.cache import never_cache


def personal(view: Callable) -> Callable:
    """For whoever is signed in, and kept by no cache: not the browser's, not a shared computer's."""
    return never_cache(login_required(view))
