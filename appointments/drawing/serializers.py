"""Draws as machines write and read them; the same shapes of answers as the pages ask for."""

from typing import Any

from rest_framework import serializers

from appointments.drawing.shown import Shown
from appointments.enums import LARGEST_FAMILY
from appointments.models import DaysWanted, HalfWanted
from consulates.serializers import OfficeRefSerializer
from mexitel.api.serializers import LocalTime, RowId, StrictSerializer, Utc, local

OFFICES = 60
DAYS = 120
STATES = ["waiting", "drawing", "won", "accepted", "declined", "lapsed", "in_order", "lost", "withdrawn", "cancelled"]


class DrawSerializer(serializers.Serializer):
    """A draw that takes applications now. `rule` is how it is decided, in one sentence."""

    id = serializers.IntegerField()
    name = serializers.CharField(source="shown_name")
    applies_until = LocalTime(source="opens_at", zone=None)
    opens_to_all_at = LocalTime(zone=None)
    time_zone = Utc()
    procedures = serializers.SerializerMethodField()
    offices = OfficeRefSerializer(source="consulates", many=True)

    def get_procedures(self, release: Any) -> list[str]:
        return [procedure.code for procedure in release.procedures.all()]


class DrawsSerializer(serializers.Serializer):
    rule = serializers.CharField()
    draws = DrawSerializer(many=True)


class ApplyInputSerializer(StrictSerializer):
    """`offices` are codes, the best first; `applicants` saved people of yours, one for each seat: a family wins
    together or not at all.
    """

    draw = RowId()
    procedure = serializers.SlugField(max_length=40)
    applicants = serializers.ListField(child=RowId(), min_length=1, max_length=LARGEST_FAMILY)
    offices = serializers.ListField(child=serializers.SlugField(max_length=40), min_length=1, max_length=OFFICES)
    days = serializers.ChoiceField(DaysWanted.choices, default=DaysWanted.ANY)
    chosen_days = serializers.ListField(
        child=serializers.DateField(), required=False, default=list, max_length=DAYS, help_text="With `days: chosen`."
    )
    half = serializers.ChoiceField(HalfWanted.choices, default=HalfWanted.ANY)
    sooner_first = serializers.BooleanField(
        default=False, help_text="A sooner day counts more than a better office of the list."
    )


class ChanceSerializer(serializers.Serializer):
    """What the chance was: `same` asked for the same for as many people, and `same_won` of them won."""

    applications = serializers.IntegerField()
    seats = serializers.IntegerField()
    same = serializers.IntegerField()
    same_won = serializers.IntegerField()


class WonSerializer(serializers.Serializer):
    """The seats are kept until `expires_at`; `starts_at` has one entry for each person."""

    hold = serializers.UUIDField()
    office = OfficeRefSerializer()
    time_zone = serializers.CharField()
    starts_at = serializers.ListField(child=serializers.DateTimeField())
    expires_at = serializers.DateTimeField()


class DrawApplicationSerializer(serializers.Serializer):
    """`place` is yours in the drawn order, `weight` as how many tickets yours counts. `won` while you can accept."""

    id = serializers.UUIDField(source="application.pk")
    draw = serializers.IntegerField(source="application.release_id")
    state = serializers.ChoiceField([(state, state) for state in STATES])
    ticket = serializers.CharField(source="application.code")
    weight = serializers.IntegerField(source="application.weight")
    place = serializers.IntegerField(source="application.place", allow_null=True)
    procedure = serializers.SlugField(source="application.procedure.code")
    applicants = serializers.SerializerMethodField()
    days = serializers.ChoiceField(DaysWanted.choices, source="application.days_wanted")
    chosen_days = serializers.ListField(child=serializers.DateField(), source="application.chosen_days")
    half = serializers.ChoiceField(HalfWanted.choices, source="application.half_wanted")
    sooner_first = serializers.BooleanField(source="application.sooner_first")
    offices = serializers.SerializerMethodField()
    won = serializers.SerializerMethodField()
    chance = ChanceSerializer(allow_null=True)

    def get_applicants(self, shown: Shown) -> list[int]:
        return [one.applicant_id for one in shown.application.people.all() if one.applicant_id]

    def get_offices(self, shown: Shown) -> list[str]:
        codes = self.context["codes"]
        return [codes[pk] for pk in shown.application.office_ids if pk in codes]

    def get_won(self, shown: Shown) -> WonSerializer(allow_null=True):  # type: ignore[valid-type]
        if shown.held is None or shown.win is None:
            return None
        session = shown.held.session
        return {
            "hold": str(shown.win.hold_id),
            "office": OfficeRefSerializer(session.consulate).data,
            "time_zone": session.time_zone,
            "starts_at": [local(at, session.time_zone) for at in shown.held.times],
            "expires_at": local(shown.win.expires_at, session.time_zone),
        }


class DrawApplicationsSerializer(serializers.Serializer):
    applications = DrawApplicationSerializer(many=True)
