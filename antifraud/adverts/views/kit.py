"""The official-information kit: texts and cards that anybody may copy and share, with the channels that are ours."""

from functools import partial

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from antifraud.adverts.cards import LANGUAGES, SHAPES, name_of
from antifraud.adverts.kit import texts
from antifraud.adverts.publishing import CARD_OLDEST, made_card
from mexitel.pages.contact_channels import channels
from mexitel.utils import published
from mexitel.utils.time import now as clock

CARD_WORDS = {
    ("es", "ancha"): _("Wide, in Spanish"),
    ("es", "cuadrada"): _("Square, in Spanish"),
    ("en", "ancha"): _("Wide, in English"),
    ("en", "cuadrada"): _("Square, in English"),
}


@require_safe
def free_kit(request: HttpRequest) -> HttpResponse:
    address = settings.PUBLIC_URL.rstrip("/") + "/"
    cards = [(f"/{name_of(*key)}", *SHAPES[key[1]], words) for key, words in CARD_WORDS.items()]
    context = {"texts": texts(address), "cards": cards, "channels": channels(), "address": address}
    return render(request, "antifraud/adverts/kit.html", context)


@require_safe
def free_card(request: HttpRequest, language: str, shape: str) -> HttpResponseBase:
    if language not in LANGUAGES or shape not in SHAPES:
        raise Http404
    make = partial(made_card, language, shape)
    return published.answer(
        request, name_of(language, shape), content_type="image/png", oldest=CARD_OLDEST, make=make, now=clock()
    )


urlpatterns = [
    path("citas-gratuitas/compartir/", free_kit, name="free_kit"),
    path("datos/gratis/<str:language>-<str:shape>.png", free_card, name="free_card"),
]
