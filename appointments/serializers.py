"""Demand as machines write and read it. What a person must be is checked by the form that the pages use."""

from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers

from appointments.enums import HIGHEST_CAP, AppointmentStatus
from appointments.forms import INTERPRETERS, PersonForm
from appointments.models import Applicant, Appointment, Hold
from appointments.selectors import HeldParty
from appointments.services import Entry
from appointments.services.hold import Wish
from consulates.models import Procedure, SessionKind
from consulates.serializers import OfficeRefSerializer, PlaceSerializer
from mexitel.api.problems import Problem, invalid, not_found
from mexitel.api.serializers import LocalTime, NextPage, RowId, StrictSerializer, local, shown

MOST_ATTENDEES = 4

# -- what comes in ---------------------------------------------------------------------------------


class WishSerializer(StrictSerializer):
    slot = RowId()
    seats = serializers.IntegerField(min_value=1, max_value=HIGHEST_CAP)


class HoldInputSerializer(StrictSerializer):
    """`slots` as an availability answer lists them. With `replaces` the seats are for moving those appointments."""

    procedure = serializers.SlugField(max_length=40)
    slots = WishSerializer(many=True, min_length=1, max_length=HIGHEST_CAP)  # type: ignore[call-arg]
    supersedes = serializers.UUIDField(required=False, help_text="A hold of yours that this one ends.")
    replaces = serializers.ListField(
        child=serializers.UUIDField(), required=False, default=list, max_length=HIGHEST_CAP,
        help_text="Appointments of yours that would move, one for each seat, in order.",
    )  # fmt: skip

    family = serializers.BooleanField(
        default=False,
        help_text="Six to eight seats at once for minors of one family with at most two adults: they fit above five."
        " Confirming looks at the names.",
    )

    turn = serializers.CharField(
        default="", max_length=200, help_text="What the queue of the release gave you when it let you in."
    )

    def validate_slots(self, value: list[dict]) -> list[Wish]:
        wishes = [Wish(slot_id=one["slot"], seats=one["seats"]) for one in value]
        if sum(wish.seats for wish in wishes) > HIGHEST_CAP or len({wish.slot_id for wish in wishes}) < len(wishes):
            raise serializers.ValidationError(f"At most {HIGHEST_CAP} seats, each slot once.", code="slots")
        return wishes


class AttendeeInputSerializer(StrictSerializer):
    """Somebody who attends. With `applicant` (a saved person of yours) the other members only correct that person."""

    applicant = RowId(required=False)
    given_names = serializers.CharField(max_length=100, required=False)
    surname_1 = serializers.CharField(max_length=100, required=False)
    surname_2 = serializers.CharField(max_length=100, required=False, allow_blank=True)
    birth_date = serializers.DateField(required=False, help_text="From 1900 on.")
    curp = serializers.CharField(max_length=30, required=False, allow_blank=True)
    guardian_name = serializers.CharField(
        max_length=200, required=False, allow_blank=True, help_text="Who comes with somebody under 18."
    )
    wheelchair = serializers.BooleanField(required=False)
    sign_language = serializers.BooleanField(required=False)
    interpreter = serializers.ChoiceField(
        [(code, str(label) or "none") for code, label in INTERPRETERS if code], required=False, allow_blank=True
    )
    priority = serializers.BooleanField(
        required=False,
        help_text="Is called first at the office: older adults, people with a disability, pregnant women, and people"
        " who speak only an indigenous language. Nothing to prove.",
    )


class PersonInputSerializer(AttendeeInputSerializer):
    """The principal applicant of one seat. `with` are up to three who attend with them where the procedure asks it."""

    def get_fields(self) -> dict[str, serializers.Field]:
        with_them = AttendeeInputSerializer(many=True, required=False, max_length=MOST_ATTENDEES - 1)  # type: ignore[call-arg]
        return super().get_fields() | {"with": with_them}


class ConfirmInputSerializer(StrictSerializer):
    """One person for each seat, in the order of the hold's slots. Nobody when the hold moves appointments."""

    people = PersonInputSerializer(many=True, required=False, max_length=HIGHEST_CAP)  # type: ignore[call-arg]


class CancelInputSerializer(StrictSerializer):
    appointments = serializers.ListField(child=serializers.UUIDField(), min_length=1, max_length=HIGHEST_CAP)


class ApplicantInputSerializer(AttendeeInputSerializer):
    """A person to save, so that nobody types a family twice."""

    def get_fields(self) -> dict[str, serializers.Field]:
        fields = super().get_fields()
        del fields["applicant"]
        return fields


class AppointmentsQuery(NextPage):
    upcoming = serializers.BooleanField(allow_null=True, default=None, help_text="Only those to come, or only others.")


def party_entries(people: list[dict], *, account: Any, procedure: Procedure, day: date) -> list[list[Entry]]:
    """The people of a party as the services take them, one list for each seat.

    Raises Problem: 400 with a pointer to what is wrong, or 404 for a saved person who is not the account's.
    """
    saved = _saved(account, [one["applicant"] for person in people for one in _with(person) if "applicant" in one])
    parties = []
    for seat, person in enumerate(people):
        attendees = _with(person)
        if not procedure.min_applicants <= len(attendees) <= procedure.max_applicants:
            raise invalid(f"#/people/{seat}", "attendees", _attendees(procedure))
        parties.append(
            [
                entry_of_typed(one, saved=saved, procedure=procedure, day=day, pointer=_pointer(seat, place))
                for place, one in enumerate(attendees)
            ]
        )
    return parties


def entry_of_typed(
    typed: dict, *, saved: dict[int, Applicant], procedure: Procedure, day: date, pointer: str = "#"
) -> Entry:
    """One person, checked by the form of the pages. Raises Problem."""
    applicant = saved.get(typed.get("applicant", 0))
    values = _as_typed(applicant) | {name: value for name, value in typed.items() if name not in {"applicant", "with"}}
    number = applicant.pk if applicant else None
    return as_entry(values, procedure=procedure, day=day, pointer=pointer, applicant_id=number)


def as_entry(
    values: dict, *, procedure: Procedure, day: date, pointer: str = "#", applicant_id: int | None = None
) -> Entry:
    """``values`` of one person, checked by the form of the pages. Raises Problem."""
    born = values.pop("birth_date", None)
    if born:
        values |= {"birth_date_day": born.day, "birth_date_month": born.month, "birth_date_year": f"{born.year:04}"}
    form = PersonForm(data=values, procedure=procedure, session_day=day)
    if not form.is_valid():
        errors = [
            {"pointer": f"{pointer}/{name}", "code": error["code"] or "invalid", "detail": str(error["message"])}
            for name, found in form.errors.get_json_data().items()
            for error in found
        ]
        raise Problem(400, "invalid", str(invalid("#", "", "").detail), errors=errors)
    return form.entry(applicant_id=applicant_id)


def _with(person: dict) -> list[dict]:
    return [person, *person.get("with", ())]


def _pointer(seat: int, place: int) -> str:
    return f"#/people/{seat}" + (f"/with/{place - 1}" if place else "")


def _attendees(procedure: Procedure) -> str:
    if procedure.max_applicants == 1:
        return _("Only one person attends this procedure.")
    return _("%(least)d to %(most)d people attend this procedure together.") % {
        "least": procedure.min_applicants,
        "most": procedure.max_applicants,
    }


def _saved(account: Any, ids: list[int]) -> dict[int, Applicant]:
    saved = Applicant.objects.filter(account=account, removed_at=None).in_bulk(ids) if ids else {}
    if len(saved) < len(set(ids)):
        raise not_found()
    return saved


def _as_typed(applicant: Applicant | None) -> dict[str, Any]:
    if applicant is None:
        return {}
    names = ["given_names", "surname_1", "surname_2", "curp", "guardian_name"]
    names += ["wheelchair", "sign_language", "interpreter", "priority"]
    return {name: getattr(applicant, name) for name in names} | {"birth_date": date.fromisoformat(applicant.birth_date)}


# -- what goes out ---------------------------------------------------------------------------------


class HeldSlotSerializer(serializers.Serializer):
    slot = serializers.IntegerField()
    seats = serializers.IntegerField()
    starts_at = serializers.DateTimeField()


class ProcedureRefSerializer(serializers.Serializer):
    code = serializers.SlugField()
    name = serializers.CharField()


class HoldSerializer(serializers.Serializer):
    """Seats that wait for you. `state` is judged by the clock when it is read."""

    id = serializers.UUIDField()
    state = serializers.ChoiceField(["open", "expired", "confirmed", "released", "superseded"])
    expires_at = serializers.DateTimeField()
    can_extend = serializers.BooleanField()
    time_zone = serializers.CharField()
    office = OfficeRefSerializer()
    procedure = ProcedureRefSerializer()
    place = PlaceSerializer()
    slots = HeldSlotSerializer(many=True)
    replaces = serializers.ListField(child=serializers.UUIDField())


def hold_data(hold: Hold, party: HeldParty, *, now: Any) -> dict[str, Any]:
    zone = party.session.time_zone
    is_open = hold.is_open(now=now)
    times = dict(zip(hold.slot_ids, party.times, strict=True))
    return {
        "id": str(hold.pk),
        "state": hold.outcome or ("open" if is_open else "expired"),
        "expires_at": local(hold.expires_at, zone),
        "can_extend": is_open and not hold.extended,
        "time_zone": zone,
        "office": shown(OfficeRefSerializer, [party.session.consulate])[0],
        "procedure": shown(ProcedureRefSerializer, [hold.procedure])[0],
        "place": shown(PlaceSerializer, [party.session])[0],
        "slots": [
            {"slot": slot, "seats": hold.slot_ids.count(slot), "starts_at": local(at, zone)}
            for slot, at in times.items()
        ],
        "replaces": [str(pk) for pk in hold.replaces],
    }


class AttendeeSerializer(serializers.Serializer):
    given_names = serializers.CharField()
    surname_1 = serializers.CharField()
    surname_2 = serializers.CharField()
    birth_date = serializers.DateField()
    is_minor = serializers.BooleanField()
    guardian_name = serializers.CharField()
    wheelchair = serializers.BooleanField()
    sign_language = serializers.BooleanField()
    interpreter = serializers.CharField()
    priority = serializers.BooleanField()


class AppointmentSerializer(serializers.Serializer):
    id = serializers.UUIDField()
    reference = serializers.CharField()
    status = serializers.ChoiceField(AppointmentStatus.choices)
    starts_at = LocalTime(zone="session.time_zone")
    time_zone = serializers.CharField(source="session.time_zone")
    office = OfficeRefSerializer(source="consulate")
    procedure = ProcedureRefSerializer()
    kind = serializers.ChoiceField(SessionKind.choices, source="session.kind")
    place = PlaceSerializer(source="session")
    party = serializers.UUIDField(source="party_id", help_text="The same for those who were booked together.")
    people = AttendeeSerializer(source="attendees", many=True)
    can_change = serializers.SerializerMethodField()
    times_moved = serializers.IntegerField()
    booked_at = LocalTime(zone="session.time_zone", source="created_at")
    cancelled_at = LocalTime(zone="session.time_zone", allow_null=True)

    def get_can_change(self, appointment: Appointment) -> bool:
        return appointment.can_change(now=self.context["now"])


class AppointmentsSerializer(serializers.Serializer):
    appointments = AppointmentSerializer(many=True)


class ApplicantSerializer(AttendeeSerializer):
    id = serializers.IntegerField()
    curp = serializers.CharField()
