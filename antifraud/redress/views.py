"""The page of a cancelled appointment, behind a link that opens without signing in: why, a review, a place sooner.

Whoever has the link sees initials, times and places. A place asks who it is: it is booked in an account.
"""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from antifraud.errors import BlockError
from antifraud.models import PriorityToken
from antifraud.redress.appealing import appeal_decision
from antifraud.redress.forms import BornForm, PlaceForm, ReviewForm
from antifraud.redress.links import read_mark
from antifraud.redress.places import soonest_places
from antifraud.redress.shown import Cancelled, Right, opened
from antifraud.redress.tokens import is_of_the_case, show_identity, use_token
from appointments.errors import BookingError
from appointments.links import BadLink
from appointments.refusals import sentence
from appointments.views.receipt import told_to_nobody
from mexitel.accounts.models import User
from mexitel.utils.ratelimits import limited
from mexitel.utils.time import now as clock

both = require_http_methods(["GET", "HEAD", "POST"])


@both
@limited("codes", methods=("POST",))
@told_to_nobody
def cancelled_by_review(request: HttpRequest, mark: str) -> HttpResponse:
    shown = _opened(mark)
    form, errors = ReviewForm(request.POST if request.method == "POST" else None), []
    if form.is_bound and form.is_valid():
        user = _booker(request, shown)
        try:
            appeal_decision(
                tokens=shown.tokens, person=shown.person, words=form.cleaned_data["words"], by=user or "link",
                now=clock(),
            )  # fmt: skip
        except BlockError as refusal:
            errors = [{"text": str(refusal.sentence)}]
        else:
            messages.success(request, _("We have your request. Another person answers it here and in a message."))
            return redirect("cancelled_by_review", mark)
    context = {"shown": shown, "form": form, "errors": errors}
    return render(request, "antifraud/redress/cancelled.html", context, status=_status(request))


@both
@limited("codes", methods=("POST",))
@told_to_nobody
def place_by_token(request: HttpRequest, mark: str, token_id: UUID) -> HttpResponse:
    """One person's right to a place: shown to be theirs, then used."""
    now, shown = clock(), _opened(mark)
    right = next((one for one in shown.rights if one.token.pk == token_id), None)
    if right is None:
        raise Http404
    user = request.user if isinstance(request.user, User) else None
    step = _step(right, user)
    if step == "choose":
        return _choose(request, shown, right, now=now)
    born = BornForm(request.POST if step == "show" and request.method == "POST" else None)
    errors = []
    if user is not None and born.is_bound and born.is_valid():
        try:
            show_identity(token_id=token_id, account=user, birth_date=born.cleaned_data["birth_date"], now=now)
        except BlockError as refusal:
            errors = [{"text": str(refusal.sentence)}]
        else:
            return redirect("place_by_token", mark, token_id)
    context = {"shown": shown, "right": right, "step": step, "form": born, "errors": errors, **_ways(request)}
    return render(request, "antifraud/redress/place.html", context, status=_status(request))


def _choose(request: HttpRequest, shown: Cancelled, right: Right, *, now) -> HttpResponse:
    places = soonest_places(right.token, now=now)
    form, errors = PlaceForm(request.POST if request.method == "POST" else None, places=places), []
    if form.is_bound and form.is_valid():
        try:
            use_token(token_id=right.token.pk, account=request.user, slot_id=form.cleaned_data["slot"], now=now)  # type: ignore[arg-type]
        except BookingError as refusal:
            errors = [{"text": sentence(refusal.code, refusal.facts)}]
        except BlockError as refusal:
            errors = [{"text": str(refusal.sentence)}]
        else:
            messages.success(request, _("The appointment is yours. We send you the confirmation."))
            return redirect("place_by_token", shown.mark, right.token.pk)
    context = {"shown": shown, "right": right, "step": "choose", "form": form, "errors": errors, "places": places}
    return render(request, "antifraud/redress/place.html", context, status=_status(request))


def _step(right: Right, user: User | None) -> str:
    """What the person does next: ``choose``, ``show`` that it is theirs, or what stands in the way."""
    token: PriorityToken = right.token
    if right.state in {"used", "over"}:
        return right.state
    if user is None:
        return "sign_in"
    if right.state == "good":
        return "choose" if token.holder_id == user.pk else "somebody_else"
    if is_of_the_case(token, user):
        return "review"
    return "show" if user.has_verified_phone else "phone"


def _opened(mark: str) -> Cancelled:
    try:
        shown = opened(read_mark(mark), now=clock())
    except BadLink:
        raise Http404 from None
    if shown is None:
        raise Http404
    return shown


def _booker(request: HttpRequest, shown: Cancelled) -> User | None:
    """Who is signed in, when what they look at is theirs."""
    user = request.user
    return user if isinstance(user, User) and user.pk == shown.first.account_id else None


def _ways(request: HttpRequest) -> dict[str, str]:
    return {"sign_in": f"{reverse('sign_in')}?next={request.path}"}


def _status(request: HttpRequest) -> int:
    return 422 if request.method == "POST" else 200


urlpatterns = [
    path("cita-cancelada/<str:mark>/", cancelled_by_review, name="cancelled_by_review"),
    path("cita-cancelada/<str:mark>/lugar/<uuid:token_id>/", place_by_token, name="place_by_token"),
]
