"""The waiting list as machines write and read it. What is told is checked by the form of the pages."""

from datetime import datetime
from typing import Any

from rest_framework import serializers

from appointments.enums import LARGEST_FAMILY
from appointments.serializers import ProcedureRefSerializer
from appointments.waiting.answering import Offered
from appointments.waiting.shown import ShownEntry
from appointments.waiting.words import skip_words
from consulates.serializers import OfficeRefSerializer, PlaceSerializer
from mexitel.api.serializers import RowId, StrictSerializer, local

HOURS = {"any": "", "morning": "manana", "afternoon": "tarde"}


class JoinSerializer(StrictSerializer):
    """Near a place or at some offices. `applicants` are saved people of yours; they get places together, or none.

    Six to eight are one family with minors. For a procedure that several people attend in one place (`min_applicants`)
    they are those who attend, and wait for one place.
    """

    procedure = serializers.SlugField(max_length=40)
    applicants = serializers.ListField(child=RowId(), min_length=1, max_length=LARGEST_FAMILY)
    near = serializers.CharField(max_length=80, required=False, help_text="A ZIP code, or a city and its state.")
    miles = serializers.ChoiceField([25, 50, 100, 200], default=100)
    offices = serializers.ListField(
        child=serializers.SlugField(max_length=40), required=False, default=list, max_length=60,
        help_text="If there are any, only these count, and not the distance.",
    )  # fmt: skip
    weekdays = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=7), required=False, default=list, max_length=7,
        help_text="1 is Monday. None: any day.",
    )  # fmt: skip
    hours = serializers.ChoiceField(list(HOURS), default="any")
    until = serializers.DateField(help_text="From the day after tomorrow, within three months.")


class PositionSerializer(serializers.Serializer):
    """`place` among those who joined on the same day is drawn, and null until that day is over."""

    ahead = serializers.IntegerField(help_text="Who wait for the same before you.")
    place = serializers.IntegerField(allow_null=True)
    of_day = serializers.IntegerField()
    brought_to_the_front = serializers.BooleanField(source="is_front")
    offered_in_30_days = serializers.IntegerField(source="offered")


class OfferSerializer(serializers.Serializer):
    """Seats that are kept for you alone, until `expires_at`."""

    code = serializers.CharField()
    starts_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField()
    time_zone = serializers.CharField()
    office = OfficeRefSerializer()
    place = PlaceSerializer()


class SkipSerializer(serializers.Serializer):
    """Why places went to others: a stable code, how often, and the sentence of the pages."""

    code = serializers.CharField()
    times = serializers.IntegerField()
    detail = serializers.CharField()


class WaitingEntrySerializer(serializers.Serializer):
    id = serializers.UUIDField()
    ticket = serializers.CharField(help_text="In the draw of its day.")
    state = serializers.ChoiceField(["waiting", "paused", "booked", "left", "over", "blocked"])
    procedure = ProcedureRefSerializer()
    where = serializers.CharField()
    weekdays = serializers.ListField(child=serializers.IntegerField())
    from_hour = serializers.IntegerField()
    to_hour = serializers.IntegerField()
    until = serializers.DateField()
    party = serializers.IntegerField(help_text="How many places are waited for.")
    joined_on = serializers.DateField()
    position = PositionSerializer(allow_null=True)
    offer = OfferSerializer(allow_null=True)
    skips = SkipSerializer(many=True)


def entry_data(shown: ShownEntry, *, now: datetime) -> dict[str, Any]:
    entry = shown.entry
    state = entry.end_reason or ("over" if not shown.is_live else "paused" if entry.paused_at else "waiting")
    return {
        "id": str(entry.pk),
        "ticket": entry.code,
        "state": state,
        "procedure": ProcedureRefSerializer(entry.procedure).data,
        "where": shown.where,
        "weekdays": entry.weekdays,
        "from_hour": entry.from_hour,
        "to_hour": entry.to_hour,
        "until": entry.last_day.isoformat(),
        "party": entry.party,
        "joined_on": entry.join_day.isoformat(),
        "position": PositionSerializer(shown.position).data if shown.position else None,
        "offer": offer_data(shown.offer) if shown.offer else None,
        "skips": [{"code": code, "times": times, "detail": skip_words(code, times)} for code, times in shown.skips],
    }


def offer_data(offered: Offered) -> dict[str, Any]:
    offer = offered.offer
    zone = offer.session.time_zone
    return {
        "code": offer.code,
        "starts_at": local(offer.starts_at, zone),
        "expires_at": local(offer.expires_at, zone),
        "time_zone": zone,
        "office": OfficeRefSerializer(offer.session.consulate).data,
        "place": PlaceSerializer(offer.session).data,
    }


def as_typed(told: dict[str, Any]) -> dict[str, Any]:
    """What the form of the pages would have got."""
    until = told["until"]
    return {
        "tramite": told["procedure"],
        "lugar": told.get("near", ""),
        "millas": str(told["miles"]),
        "oficinas": told["offices"],
        "dias": [str(day) for day in told["weekdays"]],
        "horas": HOURS[told["hours"]],
        "hasta_day": str(until.day),
        "hasta_month": str(until.month),
        "hasta_year": f"{until.year:04}",
    }


# Which member of JoinSerializer a field of the form is.
MEMBERS = {
    "tramite": "procedure", "lugar": "near", "millas": "miles", "oficinas": "offices", "dias": "weekdays",
    "horas": "hours", "hasta": "until",
}  # fmt: skip
