"""Sign-in for clients of the API: the same one-time code as on the pages, then a bearer token."""

from typing import Any, cast

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiExample
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from mexitel.accounts import codes, services
from mexitel.accounts.addresses import canonical_phone, clean_email, takes_sms
from mexitel.accounts.codes import CodeError, CodeLimited, CodeWrong
from mexitel.accounts.guards import SignupRefused
from mexitel.accounts.limits import Origin
from mexitel.accounts.models import Channel, CodePurpose
from mexitel.accounts.views.sign_in import language_here, say
from mexitel.api.models import ApiToken
from mexitel.api.passes import pass_for
from mexitel.api.problems import Problem
from mexitel.api.schema import NO_CONTENT, endpoint
from mexitel.api.serializers import LocalTime, StrictSerializer, Utc
from mexitel.api.tokens import close_token, open_token
from mexitel.api.views import ApiView
from mexitel.utils.browsers import network_seen

HOUR_SECONDS = 3600


class AskCodeSerializer(StrictSerializer):
    email = serializers.CharField(max_length=254, required=False)
    phone = serializers.CharField(max_length=40, required=False, help_text="For people without e-mail: a code by SMS.")

    def validate_email(self, value: str) -> str:
        return self._plain(clean_email, value)

    def validate_phone(self, value: str) -> str:
        number = self._plain(canonical_phone, value)
        if not takes_sms(number):
            raise serializers.ValidationError(
                _("We can only send messages to phones of the United States, Canada and Mexico."), code="country"
            )
        return number

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if len(attrs) != 1:
            raise serializers.ValidationError(_("Send either an e-mail or a phone."), code="one_of_two")
        return attrs

    @staticmethod
    def _plain(clean: Any, value: str) -> str:
        try:
            return clean(value)
        except ValidationError as error:
            raise serializers.ValidationError(error.messages, code=error.code) from error


class AskedSerializer(serializers.Serializer):
    request = serializers.UUIDField(help_text="Send it back together with the code.")
    expires_in_seconds = serializers.IntegerField()


class OpenSessionSerializer(StrictSerializer):
    request = serializers.UUIDField()
    code = serializers.CharField(max_length=20)


class SessionTokenSerializer(serializers.Serializer):
    token = serializers.CharField(help_text="`Authorization: Bearer <token>`; shown this once.")
    expires_at = LocalTime(zone=None)
    time_zone = Utc()


class SignInCodes(ApiView):
    permission_classes = [AllowAny]
    authentication_classes = []
    limits = ["codes"]

    @endpoint(
        operation_id="askForCode", tag="sign-in", summary="Ask for a one-time code",
        description="The answer is the same for every address, known or not, and a code can be tried only with the"
        " `request` that asked for it. A code lives ten minutes and takes five tries. Staff cannot sign in here.",
        request=AskCodeSerializer, success={202: AskedSerializer}, private=False, codes={429: ["code_limited"]},
        examples=[OpenApiExample("By e-mail", {"email": "rosa@example.org"}, request_only=True)],
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        serializer = AskCodeSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        [(kind, address)] = serializer.validated_data.items()
        try:
            asked = codes.ask(
                purpose=CodePurpose.SIGN_IN, channel=Channel.EMAIL if kind == "email" else Channel.SMS, address=address,
                user=None, language=language_here(), origin=Origin.of(request._request), now=self.now,
            )  # fmt: skip
        except CodeError as error:
            raise code_problem(error) from error
        body = {"request": str(asked.pk), "expires_in_seconds": int(codes.LIFETIME.total_seconds())}
        return Response(body, status=202)


class Sessions(ApiView):
    limits = ["codes"]

    def get_permissions(self) -> list:
        return [AllowAny()] if self.request.method == "POST" else list(super().get_permissions())

    def get_authenticators(self) -> list:
        return [] if self.request is not None and self.request.method == "POST" else list(super().get_authenticators())

    @endpoint(
        operation_id="openSession", tag="sign-in", summary="Exchange a code for a bearer token",
        request=OpenSessionSerializer, success={201: SessionTokenSerializer}, private=False, fails=(403,),
        codes={403: ["code_wrong", "code_expired"], 429: ["code_limited"]},
        examples=[
            OpenApiExample(
                "Code", {"request": "0f8fad5b-d9cb-469f-a165-70867728950e", "code": "204861"}, request_only=True
            )
        ],
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        serializer = OpenSessionSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        typed = serializer.validated_data
        try:
            proved = codes.check(
                request_id=typed["request"], purpose=CodePurpose.SIGN_IN, typed=typed["code"], now=self.now
            )
            account, _created = services.open_account(
                proved=proved, origin=Origin.of(request._request), seen=network_seen(request), now=self.now
            )
        except CodeError as error:
            raise code_problem(error) from error
        except SignupRefused as refusal:
            raise Problem(
                403, refusal.code, refusal.message or _("We cannot open an account now. Try again later.")
            ) from refusal
        opened = open_token(account=account, now=self.now)
        services.saw(user=account, now=self.now)
        return Response(SessionTokenSerializer(opened).data, status=201)

    @endpoint(
        operation_id="closeSession", tag="sign-in", summary="Sign out: the token ends now", success=NO_CONTENT,
    )  # fmt: skip
    def delete(self, request: Request) -> Response:
        close_token(cast(ApiToken, request.auth))
        return Response(status=204)


class Passes(ApiView):
    limits = ["own"]

    @endpoint(
        operation_id="takePass", tag="sign-in", summary="A pass for the minute of an opening",
        description="A bearer token that lasts ten minutes and is read without a look at the database. Holding and"
        " confirming are quicker with it; everywhere else it is as good as the token that took it. Signing out ends it,"
        " but for holding. Take it shortly before you book.",
        success={201: SessionTokenSerializer},
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        text, until = pass_for(cast(ApiToken, request.auth), now=self.now)
        return Response(SessionTokenSerializer({"token": text, "expires_at": until}).data, status=201)


def code_problem(error: CodeError) -> Problem:
    if isinstance(error, CodeLimited):
        return Problem(429, error.code, say(error), headers={"Retry-After": str(HOUR_SECONDS)})
    facts: dict[str, Any] = {"attempts_left": error.attempts_left} if isinstance(error, CodeWrong) else {}
    return Problem(403, error.code, say(error), **facts)
