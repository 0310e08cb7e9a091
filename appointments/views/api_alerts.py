"""News of openings for machines: the same services and limits as the pages."""

from uuid import UUID

from drf_spectacular.utils import OpenApiExample
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from appointments.announcing.asking import AlertError, NobodyToTell, TooManyAlerts, ask, sentence, stop
from appointments.announcing.forms import AlertForm
from appointments.models import ReleaseAlert
from appointments.serializers import ProcedureRefSerializer
from appointments.views.api import BookingView
from consulates.serializers import OfficeRefSerializer
from mexitel.api.problems import Problem, invalid, not_found
from mexitel.api.schema import NO_CONTENT, endpoint
from mexitel.api.serializers import StrictSerializer

# The form's names by the API's.
FIELDS = {"oficina": "office", "tramite": "procedure", "antes": "hour_before"}


class AskSerializer(StrictSerializer):
    office = serializers.SlugField(max_length=40)
    procedure = serializers.SlugField(max_length=40, required=False, help_text="None: of any procedure.")
    hour_before = serializers.BooleanField(default=False, help_text="Also a reminder an hour before it opens.")


class AlertSerializer(serializers.Serializer):
    id = serializers.UUIDField()
    office = OfficeRefSerializer(source="consulate")
    procedure = ProcedureRefSerializer(allow_null=True)
    hour_before = serializers.BooleanField()


class AlertsSerializer(serializers.Serializer):
    items = AlertSerializer(many=True)


class AlertView(BookingView):
    def handle_exception(self, exc: Exception) -> Response:
        if isinstance(exc, AlertError):
            exc = Problem(409, exc.code, sentence(exc), stored=False)
        return super().handle_exception(exc)


class AlertList(AlertView):
    @endpoint(
        operation_id="listReleaseAlerts", tag="availability", summary="The offices whose openings you are told of",
        success={200: AlertsSerializer},
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        mine = ReleaseAlert.objects.filter(account=self.account, stopped_at=None)
        found = mine.select_related("consulate", "procedure").order_by("pk")
        return Response(AlertsSerializer({"items": found}).data)

    @endpoint(
        operation_id="askReleaseAlert", tag="availability", summary="Be told when an office announces places",
        description="One message when places are announced or cancelled, never at night. Asking again for the same"
        " office and procedure changes `hour_before`.",
        request=AskSerializer, success={201: AlertSerializer}, fails=(409,),
        codes={409: [TooManyAlerts.code, NobodyToTell.code]},
        examples=[
            OpenApiExample("Any procedure in Houston", {"office": "houston", "hour_before": True}, request_only=True)
        ],
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        serializer = AskSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        typed = serializer.validated_data
        form = AlertForm({name: typed[member] for name, member in FIELDS.items() if member in typed}, now=self.now)
        if not form.is_valid():
            field, [error, *_rest] = next(iter(form.errors.get_json_data().items()))
            raise invalid(f"#/{FIELDS[field]}", error["code"] or "invalid", str(error["message"]))
        wish = form.cleaned_data
        alert = ask(
            account=self.account, consulate=wish["oficina"], procedure=wish["tramite"], hour_before=wish["antes"],
            now=self.now,
        )  # fmt: skip
        where = {"Location": f"/api/v1/release-alerts/{alert.pk}"}
        return Response(AlertSerializer(alert).data, status=201, headers=where)


class AlertDetail(AlertView):
    @endpoint(
        operation_id="stopReleaseAlert", tag="availability", summary="Be told no more",
        success=NO_CONTENT, fails=(404,),
    )  # fmt: skip
    def delete(self, request: Request, alert_id: UUID) -> Response:
        alert = ReleaseAlert.objects.filter(pk=alert_id, account=self.account).first()
        if alert is None:
            raise not_found()
        stop(alert, now=self.now)
        return Response(status=204)
