"""For everybody, without an account: tell of an advert, ask what became of it, read the figures."""

from functools import partial

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods, require_safe

from antifraud.adverts.bars import Bar, bars
from antifraud.adverts.cards import LANGUAGES, SHAPES, name_of
from antifraud.adverts.figures import LEAST_BASE, Week
from antifraud.adverts.forms import BAD_PICTURES, PICTURE_FIELD, ReceiptForm, TellForm
from antifraud.adverts.pictures import BadPicture, Picture, redrawn
from antifraud.adverts.publishing import (
    CARD_OLDEST,
    DOCUMENT,
    OLDEST,
    TABLE,
    document,
    made_card,
    shown,
    table,
)
from antifraud.adverts.shown import came_of
from antifraud.adverts.telling import tell
from antifraud.models import NoticeSource
from appointments.emergencies.files import LARGEST, InMemory
from mexitel.accounts.limits import Origin, take
from mexitel.utils import published
from mexitel.utils.ratelimits import limited
from mexitel.utils.time import now as clock

RECEIPT = "advert_receipt"
FILES = {TABLE: ("text/csv; charset=utf-8", table), DOCUMENT: ("application/json", document)}
both = require_http_methods(["GET", "HEAD", "POST"])


# A picture stays in memory; a handler must be set before the form is read, which the check of its token does. So the
# token is checked one step later, and never left out.
@csrf_exempt
def advert_tell(request: HttpRequest) -> HttpResponse:
    request.upload_handlers = [InMemory(request)]
    return _tell(request)


@csrf_protect
@never_cache
@both
@limited("codes", methods=("POST",))
def _tell(request: HttpRequest) -> HttpResponse:
    """How often one client may tell is counted in PostgreSQL: it holds with Redis away."""
    now = clock()
    form, picture, errors = TellForm(request.POST if request.method == "POST" else None), None, []
    if form.is_bound:
        is_well = form.is_valid()
        try:
            picture = sent_picture(request)
        except BadPicture as bad:
            errors = [{"text": BAD_PICTURES[bad.code], "href": f"#id_{PICTURE_FIELD}"}]
        if is_well and not errors and picture is None and form.lacks_everything():
            form.add_error("where", _("Tell us where it is or what it says, or send a picture."))
        if form.is_valid() and not errors:
            if not take("advert notice", {}, Origin.of(request), now):
                return render(request, "429.html", status=429)
            number, _notice = tell(told=form.told(picture), source=NoticeSource.PAGE, now=now)
            request.session[RECEIPT] = number
            return redirect("advert_told")
    context = {"form": form, "errors": errors, "picture_field": PICTURE_FIELD, "had_picture": picture is not None}
    return render(request, "antifraud/adverts/tell.html", context, status=422 if form.is_bound else 200)


def sent_picture(request: HttpRequest) -> Picture | None:
    """The picture of a form, drawn again. Raises BadPicture."""
    file = request.FILES.get(PICTURE_FIELD)
    if file is None:
        return None
    if (file.size or 0) > LARGEST:
        raise BadPicture("too_large")
    return redrawn(file.read())


@never_cache
@require_safe
def advert_told(request: HttpRequest) -> HttpResponse:
    """The number stands in the session and in no address."""
    number = request.session.get(RECEIPT)
    if not number:
        return redirect("advert_receipt")
    return render(request, "antifraud/adverts/told.html", {"number": number})


@never_cache
@both
@limited("codes", methods=("POST",))
def advert_receipt(request: HttpRequest) -> HttpResponse:
    form, came = ReceiptForm(request.POST if request.method == "POST" else None), None
    if form.is_bound and form.is_valid():
        if not take("advert receipt", {}, Origin.of(request), clock()):
            return render(request, "429.html", status=429)
        came = came_of(form.cleaned_data["number"])
        if came is None:
            form.add_error("number", _("There is no report of that number. Check it letter by letter."))
    context = {"form": form, "came": came}
    status = 422 if form.is_bound and came is None else 200
    return render(request, "antifraud/adverts/receipt.html", context, status=status)


@require_safe
def advert_figures(request: HttpRequest) -> HttpResponse:
    found = shown(now=clock())
    context = {
        "figures": found,
        "weeks": list(reversed(found.weeks)),
        "plot": bars(_("Confirmed adverts by week, and how many of them are gone"), [_bar(one) for one in found.weeks]),
        "least": LEAST_BASE,
        "csv": f"/{TABLE}",
        "json": f"/{DOCUMENT}",
    }
    return render(request, "antifraud/adverts/figures.html", context)


def _bar(week: Week) -> Bar:
    return Bar(f"{week.week.day}/{week.week.month}", week.confirmed, week.removed)


@require_safe
def advert_figures_file(request: HttpRequest, name: str) -> HttpResponseBase:
    content_type, make = FILES[name]
    return published.answer(request, name, content_type=content_type, oldest=OLDEST, make=make, now=clock())


@require_safe
def free_card(request: HttpRequest, language: str, shape: str) -> HttpResponseBase:
    """A card of the official-information kit, whose page is one of mexitel.pages."""
    if language not in LANGUAGES or shape not in SHAPES:
        raise Http404
    make = partial(made_card, language, shape)
    return published.answer(
        request, name_of(language, shape), content_type="image/png", oldest=CARD_OLDEST, make=make, now=clock()
    )


urlpatterns = [
    path("avisar-anuncio/", advert_tell, name="advert_tell"),
    path("avisar-anuncio/gracias/", advert_told, name="advert_told"),
    path("avisar-anuncio/numero/", advert_receipt, name="advert_receipt"),
    path("anuncios/cifras/", advert_figures, name="advert_figures"),
    path(TABLE, advert_figures_file, {"name": TABLE}, name="advert_figures_csv"),
    path("datos/gratis/<str:language>-<str:shape>.png", free_card, name="free_card"),
    path(DOCUMENT, advert_figures_file, {"name": DOCUMENT}, name="advert_figures_json"),
]
