"""The page that the link in a message opens after a closure: a new time, accepted with one tap and without signing in.

Whoever has the link sees initials, times and places, and can accept. Another time, or none, asks who it is.
"""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from appointments.closing.answers import NoOffer, accept, offer_of
from appointments.closing.shown import shown
from appointments.closing.tokens import read_token
from appointments.errors import BookingError
from appointments.guards import BookingRefused
from appointments.links import BadLink
from appointments.refusals import sentence
from appointments.views.receipt import told_to_nobody
from mexitel.utils.time import now as clock


@require_http_methods(["GET", "POST"])
@told_to_nobody
def offer(request: HttpRequest, token: str) -> HttpResponse:
    now = clock()
    try:
        hold_id = read_token(token)
    except BadLink:
        raise Http404 from None
    errors = []
    if request.method == "POST":
        try:
            accept(hold_id, now=now)
        except (BookingError, BookingRefused) as refusal:
            # Of what ran out or was answered otherwise the page itself tells.
            if refusal.code != "hold_expired":
                errors = [{"text": sentence(refusal.code, getattr(refusal, "facts", {}))}]
        except NoOffer:
            errors = []
        else:
            return redirect("offer", token)
    found = offer_of(hold_id, now=now)
    context = {"offer": shown(found, now=now) if found else None, "errors": errors, "title": _title(found)}
    status = 200 if request.method == "GET" else 409
    return render(request, "appointments/offers/offer.html", context, status=status)


def _title(found) -> str:
    titles = {
        "open": _("We keep a new time for you"),
        "accepted": _("Done: you have a new time"),
        "moved": _("You already have another time"),
        "cancelled": _("This appointment was cancelled"),
    }
    return titles.get(found.state if found else "", _("This proposal ran out"))


urlpatterns = [path("oferta/<str:token>/", offer, name="offer")]
