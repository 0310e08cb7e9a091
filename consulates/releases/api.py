"""Releases for machines: the same reads as the public pages."""

from django.http import Http404
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from consulates.models import Consulate, Gate, ReleaseOffice
from consulates.serializers import OfficeRefSerializer
from mexitel.api.schema import endpoint
from mexitel.api.serializers import LocalTime, checked_query
from mexitel.api.views import PublicView

from .shown import Shown, Stage, coming_and_past, public_release


class ReleaseOfficeSerializer(serializers.Serializer):
    office = OfficeRefSerializer(source="consulate")
    opens_at = LocalTime(zone="consulate.time_zone")
    time_zone = serializers.CharField(source="consulate.time_zone")
    seats = serializers.IntegerField(help_text="Announced for the public, on the web and by telephone.")
    phone_seats = serializers.IntegerField(help_text="Of them, kept for people who call until `phone_until`.")
    phone_taken = serializers.SerializerMethodField(
        help_text="Of `phone_seats`, those that callers have taken; null before they were counted, and for one to four."
    )
    first_date = serializers.DateField(source="first_day", allow_null=True)
    last_date = serializers.DateField(source="last_day", allow_null=True)

    def get_phone_taken(self, office: ReleaseOffice) -> int | None:
        """Seen beside the release's other offices: a single number that is left out would follow from the sum."""
        return self.context["phone_taken"][office.consulate.code]


class ReleaseSerializer(serializers.Serializer):
    """An announced opening of seats. A cancelled one says why in `cancel_reason`."""

    id = serializers.IntegerField(source="release.pk")
    name = serializers.CharField(source="release.shown_name")
    mode = serializers.ChoiceField(Gate.choices, source="release.mode")
    stage = serializers.ChoiceField([stage.value for stage in Stage])
    time_zone = serializers.CharField(help_text="Of the office that opens first; the times here are its.")
    announced_at = LocalTime(source="release.announced_at")
    joins_from = LocalTime(
        source="release.joins_from", allow_null=True, help_text="From when people join the queue or apply to the draw."
    )
    opens_at = LocalTime(source="release.opens_at", help_text="In the office that opens first.")
    opens_to_all_at = LocalTime(
        source="release.opens_to_all_at", allow_null=True, help_text="When anybody can book what is left."
    )
    phone_until = LocalTime(source="release.phone_until", allow_null=True)
    phone_counted_at = LocalTime(
        source="release.phone_counted_at",
        allow_null=True,
        help_text="After `phone_until`: `phone_taken` is final.",
    )
    cancel_reason = serializers.CharField(source="release.shown_reason")
    seats = serializers.IntegerField()
    freed_seats = serializers.IntegerField(
        source="freed", help_text="In a draw: places that people gave up and that it gives too, beside `seats`."
    )
    offices = serializers.SerializerMethodField()
    procedures = serializers.SerializerMethodField()

    @extend_schema_field(ReleaseOfficeSerializer(many=True))
    def get_offices(self, shown: Shown) -> list[dict]:
        context = {**self.context, "phone_taken": shown.phone_taken_by_office}
        return list(ReleaseOfficeSerializer(shown.offices, many=True, context=context).data)

    def get_procedures(self, shown: Shown) -> list[str]:
        return [procedure.code for procedure in shown.procedures]


class ReleasesSerializer(serializers.Serializer):
    coming = ReleaseSerializer(many=True, help_text="The soonest first.")
    past = ReleaseSerializer(many=True, help_text="The last ten, the latest first.")


class ReleasesQuery(serializers.Serializer):
    office = serializers.SlugField(max_length=40, required=False, help_text="A code; all offices without it.")


class ReleaseList(PublicView):
    @endpoint(
        operation_id="listReleases", tag="availability", summary="When more seats open, how many and how",
        query=ReleasesQuery, success={200: ReleasesSerializer}, fails=(404,), private=False, cached=True,
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        code = checked_query(ReleasesQuery, request.query_params).get("office")
        office = Consulate.objects.real().filter(code=code).first() if code else None
        if code and office is None:
            raise Http404
        coming, past = coming_and_past(now=self.now, office=office)
        return Response(ReleasesSerializer({"coming": coming, "past": past}).data)


class ReleaseDetail(PublicView):
    @endpoint(
        operation_id="getRelease", tag="availability", summary="One announced opening of seats",
        success={200: ReleaseSerializer}, fails=(404,), private=False, cached=True,
    )  # fmt: skip
    def get(self, request: Request, release_id: int) -> Response:
        shown = public_release(release_id, now=self.now)
        if shown is None:
            raise Http404
        return Response(ReleaseSerializer(shown).data)
