"""Everyday pages: they explain, they never write."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django_ratelimit.exceptions import Ratelimited

from antifraud.adverts import kit
from consulates.selectors import bookable_procedures, office_lines
from mexitel.utils import time

from . import samples
from .contact_channels import channels
from .forms import StartForm
from .status import parts
from .structured import as_block, service

View = Callable[[HttpRequest], HttpResponse]


def page(name: str) -> View:
    """A page that is only its template."""

    def view(request: HttpRequest) -> HttpResponse:
        return render(request, f"pages/{name}.html")

    view.__name__ = name
    return view


def home(request: HttpRequest) -> HttpResponse:
    return render(request, "pages/home.html", {"search_form": StartForm(procedures=bookable_procedures())})


def contact(request: HttpRequest) -> HttpResponse:
    return render(request, "pages/contact.html", {"channels": channels(), "lines": office_lines(on=time.now().date())})


def free(request: HttpRequest) -> HttpResponse:
    """What is free, how to recognise who is not us, and the service itself for search engines."""
    return render(request, "pages/free.html", {"channels": channels(), "structured": as_block(service())})


def free_kit(request: HttpRequest) -> HttpResponse:
    """Texts and cards that anybody may copy and share, with the channels that are ours."""
    address = settings.PUBLIC_URL.rstrip("/") + "/"
    context = {"texts": kit.texts(address), "cards": kit.cards(), "channels": channels(), "address": address}
    return render(request, "antifraud/adverts/kit.html", context)


@never_cache
def status(request: HttpRequest) -> HttpResponse:
    checked = parts(time.now())
    all_well = not any(part.works is False for part in checked)
    return render(request, "pages/status.html", {"parts": checked, "all_well": all_well})


def patterns(request: HttpRequest) -> HttpResponse:
    """Every component at once, to look at; only in the run that ``up`` starts."""
    return render(request, "pages/patterns.html", samples.patterns(request))


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    if isinstance(exception, Ratelimited):
        response = render(request, "429.html", status=429)
        response.headers["Retry-After"] = "300"
        return response
    return render(request, "403.html", status=403)
