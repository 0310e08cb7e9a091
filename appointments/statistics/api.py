"""The figures for machines: what the pages show, from the same files. Below /api/v1/figures."""

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from appointments.enums import Channel
from appointments.statistics import definitions, published
from consulates.models import SessionKind
from mexitel.api.schema import endpoint
from mexitel.api.views import PublicView


@extend_schema_field(
    {
        "oneOf": [{"type": "integer", "minimum": 0, "multipleOf": 5}, {"type": "string", "const": "<5"}],
        "description": "People: 1 to 4 are `<5`, others go to the nearest multiple of 5.",
    }
)
class PeopleField(serializers.Field):
    """As privacy.published leaves it."""

    def to_representation(self, value: int | str) -> int | str:
        return value


class UseSerializer(serializers.Serializer):
    booked = PeopleField()
    kept = PeopleField()
    no_show = PeopleField()
    cancelled = PeopleField()
    moved_away = PeopleField()
    displaced = PeopleField()
    freed = PeopleField()
    reused = PeopleField()
    lead_days_mean = serializers.FloatField(required=False, help_text="Days, where the appointments are 5 or more.")


class WaitSerializer(serializers.Serializer):
    wait_days_median = serializers.IntegerField(
        required=False, allow_null=True, help_text="Null: on most days nothing was free. Left out: nobody looked."
    )
    looks_without_place = serializers.FloatField(required=False, allow_null=True, help_text="Per cent.")


class FiguresSerializer(UseSerializer):
    sessions = serializers.IntegerField()
    sessions_held = serializers.IntegerField()
    nominal = serializers.IntegerField()
    offered = serializers.IntegerField()
    reserved = serializers.IntegerField()
    capacity_opened = serializers.FloatField(allow_null=True, help_text="Per cent.")
    capacity_used = serializers.FloatField(allow_null=True, help_text="Per cent.")


class FiguresWithWaitSerializer(FiguresSerializer, WaitSerializer):
    pass


class FiguresOfficeSerializer(serializers.Serializer):
    code = serializers.CharField()
    name_es = serializers.CharField()
    name_en = serializers.CharField()
    city = serializers.CharField()
    state = serializers.CharField()


class MonthRowSerializer(FiguresWithWaitSerializer):
    month = serializers.RegexField(r"^\d{4}-\d{2}$")
    is_frozen = serializers.BooleanField(help_text="Frozen figures never change.")


class WeekRowSerializer(FiguresSerializer):
    week = serializers.DateField(help_text="Its Monday.")


class DayRowSerializer(FiguresSerializer):
    day = serializers.DateField()


class KindRowSerializer(FiguresSerializer):
    kind = serializers.ChoiceField(SessionKind.choices)


class ChannelRowSerializer(UseSerializer):
    channel = serializers.ChoiceField(Channel.choices)


class ProcedureRowSerializer(UseSerializer, WaitSerializer):
    code = serializers.CharField()
    name_es = serializers.CharField()
    name_en = serializers.CharField()
    offered = serializers.IntegerField(
        required=False, help_text="Places that it could use. One place serves several procedures: these do not add up."
    )


class OfficeRowSerializer(FiguresWithWaitSerializer, FiguresOfficeSerializer):
    pass


class RecordSerializer(serializers.Serializer):
    measure = serializers.ChoiceField(["kept", "booked", "offered", "sessions_held"])
    month = serializers.CharField()
    value = serializers.IntegerField()


class HeldSerializer(serializers.Serializer):
    until = serializers.DateField()
    kinds = serializers.DictField(child=serializers.DictField(child=serializers.IntegerField()))

    def get_fields(self) -> dict:
        return {"from": serializers.DateField(help_text="1 January."), **super().get_fields()}


class OverviewSerializer(serializers.Serializer):
    """All months of the network or of an office, its last weeks, its records, and the sessions held this year."""

    made_at = serializers.DateTimeField()
    office = FiguresOfficeSerializer(allow_null=True, help_text="Null: the whole network.")
    is_sample = serializers.BooleanField(help_text="Invented figures of a demonstration.")
    months = MonthRowSerializer(many=True)
    weeks = WeekRowSerializer(many=True)
    records = RecordSerializer(many=True)
    held = HeldSerializer(allow_null=True)
    offices = FiguresOfficeSerializer(many=True, required=False, help_text="Of the network: whose figures there are.")


class FiguresMonthSerializer(serializers.Serializer):
    """One month, part by part. ``sha256`` is of each file of a frozen month, by its name below /datos/cifras/."""

    made_at = serializers.DateTimeField()
    month = serializers.CharField()
    office = FiguresOfficeSerializer(allow_null=True)
    is_sample = serializers.BooleanField()
    frozen_at = serializers.DateTimeField(allow_null=True)
    sha256 = serializers.DictField(child=serializers.CharField())
    totals = FiguresWithWaitSerializer()
    kinds = KindRowSerializer(many=True)
    procedures = ProcedureRowSerializer(many=True)
    channels = ChannelRowSerializer(many=True)
    days = DayRowSerializer(many=True)
    offices = OfficeRowSerializer(many=True, required=False)


class MeaningSerializer(serializers.Serializer):
    code = serializers.CharField()
    name = serializers.CharField()
    meaning = serializers.CharField()
    counts = serializers.ChoiceField([one.value for one in definitions.Of], source="of")


class MeaningsSerializer(serializers.Serializer):
    """In the language that was asked for."""

    figures = MeaningSerializer(many=True)
    issued = serializers.CharField()
    day = serializers.CharField()
    suppression = serializers.CharField()


class FiguresView(PublicView):
    max_age_seconds = 300


class Overview(FiguresView):
    @endpoint(
        operation_id="getFigures", tag="figures", summary="Offered, booked and kept: the whole network",
        success={200: OverviewSerializer}, private=False, cached=True,
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        return Response(published.overview(None, now=self.now))


class OverviewMonth(FiguresView):
    @endpoint(
        operation_id="getFiguresOfMonth", tag="figures", summary="One month of the network, part by part",
        success={200: FiguresMonthSerializer}, fails=(404,), private=False, cached=True,
    )  # fmt: skip
    def get(self, request: Request, month: str) -> Response:
        return Response(published.month(None, month, now=self.now))


class OfficeOverview(FiguresView):
    @endpoint(
        operation_id="getFiguresOfOffice", tag="figures", summary="Offered, booked and kept: one office",
        success={200: OverviewSerializer}, fails=(404,), private=False, cached=True,
    )  # fmt: skip
    def get(self, request: Request, code: str) -> Response:
        return Response(published.overview(code, now=self.now))


class OfficeMonth(FiguresView):
    @endpoint(
        operation_id="getFiguresOfOfficeMonth", tag="figures", summary="One month of an office, part by part",
        success={200: FiguresMonthSerializer}, fails=(404,), private=False, cached=True,
    )  # fmt: skip
    def get(self, request: Request, code: str, month: str) -> Response:
        return Response(published.month(code, month, now=self.now))


class Meanings(FiguresView):
    @endpoint(
        operation_id="getFiguresMeanings", tag="figures", summary="What each figure means",
        success={200: MeaningsSerializer}, private=False, cached=True,
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        found = {
            "figures": definitions.MEASURES,
            "issued": definitions.ISSUED,
            "day": definitions.DAY,
            "suppression": definitions.SUPPRESSION,
        }
        return Response(MeaningsSerializer(found).data)
