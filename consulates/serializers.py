"""Supply as machines read it. Times carry their offset, and the name of the zone stands beside them."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from consulates import requirements
from consulates.models import BookingWay, Consulate, ConsulateKind, Procedure, ProcedureCategory, SessionKind
from consulates.parties import MAX_PARTY
from consulates.places import MAX_TYPED
from consulates.selectors import Order
from mexitel.api.serializers import LocalTime, NextPage, StrictSerializer


class AddressSerializer(serializers.Serializer):
    street = serializers.CharField(source="street_address")
    city = serializers.CharField()
    state = serializers.CharField()
    postal_code = serializers.CharField()


class OfficeSerializer(serializers.Serializer):
    """A consular office. `address` is null while it is not confirmed: ask the consulate before you travel."""

    code = serializers.SlugField()
    kind = serializers.ChoiceField(ConsulateKind.choices)
    name = serializers.CharField()
    city = serializers.CharField()
    state = serializers.CharField()
    address = serializers.SerializerMethodField()
    latitude = serializers.FloatField()
    longitude = serializers.FloatField()
    time_zone = serializers.CharField()
    phone = serializers.SerializerMethodField()
    email = serializers.CharField()
    opened_on = serializers.DateField(allow_null=True)
    closed_on = serializers.DateField(allow_null=True)
    next_free_on = serializers.SerializerMethodField(help_text="The next day with a free seat, if there is one.")

    @extend_schema_field(AddressSerializer(allow_null=True))
    def get_address(self, office: Consulate) -> dict | None:
        return AddressSerializer(office).data if office.address_is_known else None

    def get_phone(self, office: Consulate) -> str:
        return office.phone if office.address_is_known else ""

    @extend_schema_field(serializers.DateField(allow_null=True))
    def get_next_free_on(self, office: Consulate) -> str | None:
        day = self.context["earliest"].get(office.pk)
        return day.isoformat() if day else None


class FeeSerializer(serializers.Serializer):
    """Of the document; the appointment itself is free."""

    usd = serializers.DecimalField(max_digits=7, decimal_places=2)
    year = serializers.IntegerField()
    source = serializers.CharField()  # type: ignore[assignment]  # a member, not the option


class ProcedureSerializer(serializers.Serializer):
    """A procedure. Only those with `bookable` get appointments here; the others say how in `how_to_get`."""

    code = serializers.SlugField()
    name = serializers.CharField()
    category = serializers.ChoiceField(ProcedureCategory.choices)
    booking = serializers.ChoiceField(BookingWay.choices)
    bookable = serializers.BooleanField(source="is_bookable")
    group = serializers.CharField(help_text="A person has one appointment at a time within a group.")
    duration_minutes = serializers.IntegerField(allow_null=True)
    min_applicants = serializers.IntegerField()
    max_applicants = serializers.IntegerField()
    min_age = serializers.IntegerField(allow_null=True, help_text="Completed years on the day of the appointment.")
    max_age = serializers.IntegerField(allow_null=True)
    what_to_bring = serializers.SerializerMethodField()
    who_must_come = serializers.SerializerMethodField()
    how_to_get = serializers.SerializerMethodField()
    fee = serializers.SerializerMethodField()

    def get_what_to_bring(self, procedure: Procedure) -> list[str]:
        return [str(sentence) for sentence in requirements.what_to_bring(procedure)]

    def get_who_must_come(self, procedure: Procedure) -> list[str]:
        return [str(sentence) for sentence in requirements.who_must_come(procedure)]

    def get_how_to_get(self, procedure: Procedure) -> list[str]:
        return [str(sentence) for sentence in requirements.how_to_get(procedure)]

    @extend_schema_field(FeeSerializer(allow_null=True))
    def get_fee(self, procedure: Procedure) -> dict | None:
        if procedure.fee_usd is None:
            return None
        return {"usd": str(procedure.fee_usd), "year": procedure.fee_year, "source": procedure.fee_source}


class OfficeRefSerializer(serializers.Serializer):
    code = serializers.SlugField()
    name = serializers.CharField()


class PlaceSerializer(serializers.Serializer):
    """Where a session is held. An empty `name` is the office itself."""

    name = serializers.CharField(source="place_name")
    street = serializers.CharField(source="street_address")
    city = serializers.CharField()
    state = serializers.CharField()
    postal_code = serializers.CharField()
    latitude = serializers.FloatField()
    longitude = serializers.FloatField()


class SeatsWantedSerializer(StrictSerializer):
    """Seats in one slot, as `POST /api/v1/holds` takes them."""

    slot = serializers.IntegerField()
    seats = serializers.IntegerField()


class TimeSerializer(serializers.Serializer):
    """A start from which the whole party fits, at once or in consecutive slots."""

    starts_at = serializers.DateTimeField()
    last_starts_at = serializers.DateTimeField(help_text="When the last of the party is called.")
    free = serializers.IntegerField(help_text="Free seats in the first slot.")
    slots = SeatsWantedSerializer(many=True)


class DaySerializer(serializers.Serializer):
    date = serializers.DateField()
    free = serializers.IntegerField()
    kinds = serializers.ListField(child=serializers.ChoiceField(SessionKind.choices))
    next_opening = serializers.DateTimeField(allow_null=True, help_text="When more seats of that day become bookable.")


class OpeningSerializer(serializers.Serializer):
    """An announced moment at which more becomes bookable."""

    office = OfficeRefSerializer(source="consulate")
    opens_at = LocalTime()
    time_zone = serializers.CharField()
    first_date = serializers.DateField(source="first")
    last_date = serializers.DateField(source="last")
    slots = serializers.IntegerField()
    release = serializers.IntegerField(
        source="release.pk", default=None, allow_null=True, help_text="Of `GET /api/v1/releases/{release_id}`."
    )


class MonthSerializer(serializers.Serializer):
    office = OfficeRefSerializer()
    month = serializers.CharField(help_text="`2026-12`")
    time_zone = serializers.CharField()
    days = DaySerializer(many=True)
    next_openings = OpeningSerializer(many=True)


class SessionSerializer(serializers.Serializer):
    kind = serializers.ChoiceField(SessionKind.choices)
    date = serializers.DateField()
    starts_at = LocalTime()
    ends_at = LocalTime()
    time_zone = serializers.CharField()
    place = PlaceSerializer(source="*")
    sample = serializers.BooleanField(source="is_sample", help_text="Made up for a demonstration.")


class DaySessionSerializer(SessionSerializer):
    free = serializers.IntegerField()
    next_opening = serializers.DateTimeField(allow_null=True)
    times = TimeSerializer(many=True)


class OfficeDaySerializer(serializers.Serializer):
    office = OfficeRefSerializer()
    date = serializers.DateField()
    sessions = DaySessionSerializer(many=True)


class FoundPlaceSerializer(serializers.Serializer):
    name = serializers.CharField()
    others = serializers.ListField(child=serializers.CharField(), help_text="Places of the same name.")


class HitSerializer(SessionSerializer):
    """The earliest time for the party in one place."""

    office = OfficeRefSerializer()
    miles = serializers.FloatField(allow_null=True)
    near = serializers.BooleanField()
    free = serializers.IntegerField(help_text="Free seats in that session.")
    time = TimeSerializer()


class SoonestSerializer(serializers.Serializer):
    place = FoundPlaceSerializer(allow_null=True)
    items = HitSerializer(many=True)
    next_openings = OpeningSerializer(many=True, help_text="When there is little to choose from: when to look again.")


# -- the parameters of the address -----------------------------------------------------------------


class OfficesQuery(NextPage):
    pass


class ProceduresQuery(NextPage):
    bookable = serializers.BooleanField(
        allow_null=True, default=None, help_text="Only those booked here, or only others."
    )


class _WantedQuery(serializers.Serializer):
    procedure = serializers.SlugField(max_length=40, required=False, help_text="A code; any procedure without it.")


class MonthQuery(_WantedQuery):
    month = serializers.RegexField(r"^20\d\d-(0[1-9]|1[0-2])$", required=False, help_text="This month without it.")


class DayQuery(_WantedQuery):
    party = serializers.IntegerField(min_value=1, max_value=MAX_PARTY, default=1)


class SoonestQuery(serializers.Serializer):
    procedure = serializers.SlugField(max_length=40)
    place = serializers.CharField(
        max_length=MAX_TYPED, required=False, help_text="A ZIP code, or a city with or without its state."
    )
    weekend = serializers.BooleanField(default=False, help_text="Only Saturdays and Sundays.")
    party = serializers.IntegerField(min_value=1, max_value=MAX_PARTY, default=1)
    order = serializers.ChoiceField(["soonest", "nearest"], default="soonest")

    def validate_order(self, value: str) -> Order:
        return {"soonest": Order.SOONEST, "nearest": Order.NEAREST}[value]


def as_dict(kind: type[serializers.Serializer], instance: Any) -> dict[str, Any]:
    return dict(kind(instance).data)
