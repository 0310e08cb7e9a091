"""Tell of an advert, and ask what became of it, for programs. Without an account, with the limits of the page."""

from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiExample
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from antifraud.adverts.forms import LONGEST_WORDS, OLDEST_SEEN
from antifraud.adverts.shown import came_of
from antifraud.adverts.telling import Told, reporter_key, tell
from antifraud.models import NoticeSource, Platform, PostState
from antifraud.models.adverts import LONGEST_ADDRESS
from mexitel.accounts.limits import Origin, take
from mexitel.api.problems import Problem, invalid
from mexitel.api.schema import endpoint
from mexitel.api.serializers import StrictSerializer
from mexitel.api.views import ApiView


class AdvertSerializer(StrictSerializer):
    """As on the page: `where` or `words` is enough. A picture is sent on the page."""

    where = serializers.CharField(
        max_length=LONGEST_ADDRESS, required=False, help_text="Its web address, or words that say where it was seen."
    )
    words = serializers.CharField(max_length=LONGEST_WORDS, required=False, help_text="What the advert says.")
    platform = serializers.ChoiceField(choices=Platform.choices, required=False)
    contact = serializers.CharField(max_length=254, required=False, help_text="The phone or e-mail that it gives.")
    price = serializers.DecimalField(
        max_digits=7, decimal_places=2, min_value=0, max_value=20_000, required=False, help_text="US dollars."
    )
    seen_on = serializers.DateField(required=False)
    reporter = serializers.CharField(
        max_length=254, required=False, help_text="E-mail or phone of who tells, if they may be asked."
    )


class ReceiptSerializer(serializers.Serializer):
    receipt = serializers.CharField(help_text="The only way to ask what became of it.")


class AskReceiptSerializer(StrictSerializer):
    receipt = serializers.CharField(max_length=40)


class CameSerializer(serializers.Serializer):
    state = serializers.ChoiceField(choices=PostState.choices)
    text = serializers.CharField(help_text="The same in words, in the language of the request.")
    told_on = serializers.DateField()
    since = serializers.DateField()


class AdvertNotices(ApiView):
    permission_classes = [AllowAny]
    authentication_classes = []
    limits = ["codes"]

    @endpoint(
        operation_id="tellOfAdvert", tag="adverts", summary="Tell of an advert that sells appointments",
        description="Anonymous. A person reads it; nobody is accused by an advert alone. The receipt is given once and"
        " sent in a body, never in an address.",
        request=AdvertSerializer, success={201: ReceiptSerializer}, private=False,
        codes={429: ["advert_limited"]},
        examples=[
            OpenApiExample(
                "A post", {"where": "https://www.facebook.com/groups/1/posts/2", "words": "Vendo citas"},
                request_only=True,
            )
        ],
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        serializer = AdvertSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        told: dict[str, Any] = serializer.validated_data
        _check(told, self.now.date())
        if not take("advert notice", {}, Origin.of(request._request), self.now):
            raise Problem(429, "advert_limited", _("You told of many adverts. Try again tomorrow."))
        number, _notice = tell(told=Told(**told), source=NoticeSource.API, now=self.now)
        return Response({"receipt": number}, status=201)


def _check(told: dict[str, Any], today: date) -> None:
    """What a form checks over several fields. Raises Problem."""
    if not any(told.get(name, "").strip() for name in ("where", "words")):
        raise invalid("#/where", "required", _("Tell us where it is or what it says."))
    if told.get("reporter", "").strip() and reporter_key(told["reporter"]) is None:
        raise invalid("#/reporter", "invalid", _("Write an e-mail such as name@example.com, or a phone of 10 digits."))
    seen_on = told.get("seen_on")
    if seen_on and not today - OLDEST_SEEN <= seen_on <= today:
        raise invalid("#/seen_on", "invalid", _("That day is in the future or more than a year ago."))


class AdvertReceipts(ApiView):
    permission_classes = [AllowAny]
    authentication_classes = []
    limits = ["codes"]

    @endpoint(
        operation_id="askOfAdvert", tag="adverts", summary="What became of an advert that somebody told of",
        request=AskReceiptSerializer, success={200: CameSerializer}, private=False, fails=(404,),
        codes={429: ["advert_limited"]},
        examples=[OpenApiExample("A receipt", {"receipt": "AV-7K3M9-QXD2A"}, request_only=True)],
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        serializer = AskReceiptSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        if not take("advert receipt", {}, Origin.of(request._request), self.now):
            raise Problem(429, "advert_limited", _("You asked many times. Try again tomorrow."))
        came = came_of(serializer.validated_data["receipt"])
        if came is None:
            raise Problem(404, "not_found", _("There is no report of that number. Check it letter by letter."))
        body = {"state": came.state, "text": str(came.words), "told_on": came.told_on, "since": came.since}
        return Response(CameSerializer(body).data)
