"""Everyday pages: they explain, they never write."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.views.decorators.cache import never_cache
from django_ratelimit.exceptions import Ratelimited

from mexitel.utils import time

from . import samples
from .contact_channels import channels
from .forms import StartForm
from .status import parts

View = Callable[[HttpRequest], HttpResponse]


def page(name: str) -> View:
    """A page that is only its template."""

    def view(request: HttpRequest) -> HttpResponse:
        return render(request, f"pages/{name}.html")

    view.__name__ = name
    return view


def procedures() -> list[Any]:
    # The room that knows the procedures may not be there yet.
    try:
        from consulates.selectors import bookable_procedures
    except ImportError:
        return samples.PROCEDURES
    return list(bookable_procedures())


def home(request: HttpRequest) -> HttpResponse:
    try:
        search_url = reverse("search")
    except NoReverseMatch:
        search_url = "/buscar/"
    context = {"search_form": StartForm(procedures=procedures()), "search_url": search_url}
    return render(request, "pages/home.html", context)


def contact(request: HttpRequest) -> HttpResponse:
    return render(request, "pages/contact.html", {"channels": channels()})


@never_cache
def status(request: HttpRequest) -> HttpResponse:
    checked = parts(time.now())
    context: dict[str, Any] = {
        "parts": checked,
        "all_well": not any(part.works is False for part in checked),
    }
    if checked[0].works is False:  # who is signed in stands in the database
        context |= {"user": None, "messages": ()}
    return render(request, "pages/status.html", context)


def patterns(request: HttpRequest) -> HttpResponse:
    """Every component at once, to look at; only in the run that ``up`` starts."""
    return render(request, "pages/patterns.html", samples.patterns(request))


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    if isinstance(exception, Ratelimited):
        response = render(request, "429.html", status=429)
        response.headers["Retry-After"] = "300"
        return response
    return render(request, "403.html", status=403)
