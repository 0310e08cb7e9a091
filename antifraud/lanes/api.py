"""The steps for programs: after one is taken, the request that asked for it goes through."""

from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiExample
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from antifraud.lanes import steps, work
from antifraud.models import StepKind
from mexitel.accounts import codes, services
from mexitel.accounts.codes import CodeError, CodeExpired
from mexitel.accounts.limits import Origin
from mexitel.accounts.models import CodePurpose, User
from mexitel.accounts.services import ContactError
from mexitel.api.problems import Problem, invalid
from mexitel.api.schema import NO_CONTENT, endpoint
from mexitel.api.serializers import StrictSerializer
from mexitel.api.sign_in import AskCodeSerializer, AskedSerializer, OpenSessionSerializer, code_problem
from mexitel.api.views import ApiView


class ChallengeSerializer(serializers.Serializer):
    """As ALTCHA has it: find the number from 0 to `maxNumber` whose SHA-256 behind `salt`, in hex, is `challenge`."""

    algorithm = serializers.CharField()
    challenge = serializers.CharField()
    maxNumber = serializers.IntegerField()
    salt = serializers.CharField()
    signature = serializers.CharField()


class WorkSerializer(serializers.Serializer):
    challenge = ChallengeSerializer()
    ticket = serializers.CharField(help_text="Send it back with the solution.")
    wait_seconds = serializers.IntegerField(help_text="Who waits so long may send the ticket without a solution.")


class SolutionSerializer(StrictSerializer):
    ticket = serializers.CharField(max_length=500)
    solution = serializers.CharField(
        max_length=1000, required=False, default="",
        help_text="Base64 of JSON: `algorithm`, `challenge`, `salt` and `signature` as they came, and your `number`.",
    )  # fmt: skip


class StepCodeSerializer(AskCodeSerializer):
    email = None  # type: ignore[assignment]
    phone = serializers.CharField(
        max_length=40,
        required=False,
        help_text="Only while the account has no phone: it is the account's from then on.",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        return attrs


class StepWork(ApiView):
    limits = ["booking"]

    @endpoint(
        operation_id="askForWork", tag="step-ups", summary="A little work before a hold",
        description="While very many people want a place, `holdSeats` answers 409 `step_up` with `need: work`. Solve"
        " this, send it, and hold again within ten minutes. A challenge counts once and lives ten minutes.",
        success={200: WorkSerializer},
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        asked = work.ask(self.account, now=self.now)
        body = {"challenge": asked.challenge, "ticket": asked.ticket, "wait_seconds": asked.wait_seconds}
        return Response(WorkSerializer(body).data)

    @endpoint(
        operation_id="sendWork", tag="step-ups", summary="The solution, or the wait",
        request=SolutionSerializer, success=NO_CONTENT, fails=(409,),
        codes={409: ["work_wrong", "too_soon", "solved_before"]},
        examples=[OpenApiExample("Waited", {"ticket": "eyJ3aG8iOjF9:1u2x3y:q5J"}, request_only=True)],
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        serializer = SolutionSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        try:
            work.accept(self.account, **serializer.validated_data, now=self.now)
        except work.TooSoon as early:
            said = _("Wait a little longer, or send the solution.")
            raise Problem(409, "too_soon", said, wait_seconds=early.seconds) from early
        except steps.SolvedBefore as error:
            raise Problem(409, "solved_before", _("That solution was used. Ask for another challenge.")) from error
        except work.WorkWrong as error:
            raise Problem(409, "work_wrong", _("That is not the solution. Ask for another challenge.")) from error
        return Response(status=204)


class StepCode(ApiView):
    limits = ["codes"]

    @endpoint(
        operation_id="askForStepCode", tag="step-ups", summary="A code by phone before a hold is confirmed",
        description="When `confirmHold` answers 409 `step_up` with `need: code`. It goes to the account's phone; an"
        " account without one names it here, and keeps it. With `need: call` a person finishes on the telephone.",
        request=StepCodeSerializer, success={202: AskedSerializer}, codes={429: ["code_limited"]},
        examples=[OpenApiExample("To a phone", {"phone": "+12135550100"}, request_only=True)],
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        serializer = StepCodeSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        address = self.account.phone or serializer.validated_data.get("phone")
        if not address:
            raise invalid("#/phone", "required", _("Write a phone that receives text messages."))
        try:
            asked = services.ask_contact_code(
                user=self.account, purpose=_purpose(self.account), address=address,
                origin=Origin.of(request._request), now=self.now,
            )  # fmt: skip
        except CodeError as error:
            raise code_problem(error) from error
        body = {"request": str(asked.pk), "expires_in_seconds": int(codes.LIFETIME.total_seconds())}
        return Response(body, status=202)


class StepCodeCheck(ApiView):
    limits = ["codes"]

    @endpoint(
        operation_id="sendStepCode", tag="step-ups", summary="The code; then confirm again within half an hour",
        request=OpenSessionSerializer, success=NO_CONTENT, fails=(403,),
        codes={403: ["code_wrong", "code_expired"]},
        examples=[
            OpenApiExample(
                "Code", {"request": "0f8fad5b-d9cb-469f-a165-70867728950e", "code": "204861"}, request_only=True
            )
        ],
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        serializer = OpenSessionSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        typed, purpose = serializer.validated_data, _purpose(self.account)
        try:
            proved = codes.check(request_id=typed["request"], purpose=purpose, typed=typed["code"], now=self.now)
            if proved.user_id != self.account.pk:
                raise CodeExpired
            if purpose == CodePurpose.VERIFY_PHONE:
                services.set_phone(user=self.account, proved=proved, now=self.now)
        except CodeError as error:
            raise code_problem(error) from error
        except ContactError as error:
            raise Problem(403, "code_expired", _("That phone cannot be used here.")) from error
        steps.take(self.account, StepKind.CODE, now=self.now)
        return Response(status=204)


def _purpose(account: User) -> CodePurpose:
    return CodePurpose.STEP_UP if account.phone else CodePurpose.VERIFY_PHONE
