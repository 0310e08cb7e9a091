"""The shape of what planners type. Times are wall times of the place that the form names."""

from collections.abc import Mapping
from datetime import date, time, timedelta
from decimal import Decimal
from typing import Any, cast

from django import forms
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext_lazy as _

from consulates.calendars import CalendarError, Hours, plan_slots
from consulates.models import CapacityReason, Consulate, Place, PlaceKind, Session, SessionKind
from consulates.places import STATES, fold
from consulates.selectors import bookable_procedures
from consulates.services.sessions import SessionPlan, Venue
from mexitel.utils.forms import PlainErrors

from .capacity_preview import FactorPlan
from .fields import SENTENCES, ClockField, DayField, number, sentence_for
from .recurrence import LONGEST, days_of
from .shapes import plan_of_session

ZONES = [
    "America/New_York",
    "America/Detroit",
    "America/Indiana/Indianapolis",
    "America/Chicago",
    "America/Denver",
    "America/Boise",
    "America/Phoenix",
    "America/Los_Angeles",
    "America/Anchorage",
    "Pacific/Honolulu",
    "America/Puerto_Rico",
]


class ShapeForm(PlainErrors, forms.Form):
    """Everything of a session but its day."""

    kind = forms.ChoiceField(label=_("Kind of session"), choices=SessionKind.choices)
    opens = ClockField(label=_("Opens at"))
    closes = ClockField(label=_("Closes at"))
    windows = number(_("Windows that serve at once"), 1, 200)
    slot_minutes = number(_("Minutes of each slot"), 5, 240)
    staff_seats = number(
        _("Seats for staff"), 0, 5000, help_text=_("Of the whole session. The public does not see them.")
    )
    emergency_seats = number(_("Seats for emergencies"), 0, 5000, help_text=_("Of the whole session."))
    procedures = forms.ModelMultipleChoiceField(
        bookable_procedures(), label=_("Procedures"), widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one procedure.")},
    )  # fmt: skip
    place = forms.ChoiceField(
        label=_("Where"),
        choices=[("office", _("At the office")), ("other", _("In another place"))],
        widget=forms.RadioSelect,
    )
    place_name = forms.CharField(label=_("Name of the other place"), max_length=120, required=False)
    street_address = forms.CharField(label=_("Street of the other place"), max_length=160, required=False)
    city = forms.CharField(label=_("City of the other place"), max_length=80, required=False)
    state = forms.ChoiceField(
        label=_("State of the other place"),
        required=False,
        choices=[("", "—"), *sorted(STATES.items(), key=lambda s: s[1])],
    )
    time_zone = forms.ChoiceField(
        label=_("Time zone of the other place"),
        required=False,
        choices=[("", "—"), *((name, name) for name in ZONES)],
        help_text=_("The hours are those that clocks show there."),
        error_messages={"invalid_choice": _("That is not a time zone. Choose one of the list.")},
    )

    def __init__(self, *args: Any, office: Consulate, **kwargs: Any) -> None:
        self.office = office
        super().__init__(*args, **kwargs)
        procedures = cast(forms.ModelMultipleChoiceField, self.fields["procedures"])
        procedures.label_from_instance = lambda procedure: procedure.name  # type: ignore[assignment,method-assign]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("opens") and data.get("closes") and data["closes"] <= data["opens"]:
            self.add_error("closes", _("The session closes after it opens, on the same day."))
        data["venue"] = self._venue(data) if data.get("place") == "other" else None
        if data.get("place") == "office" and data.get("kind") in SessionKind.travelling():
            self.add_error("place", _("A mobile consulate and one on wheels work in another place."))
        if not self.errors:
            self.check_plans()
        return data

    def _venue(self, data: dict[str, Any]) -> Venue | None:
        for name in ("place_name", "city", "state", "time_zone"):
            if not data.get(name) and name not in self.errors:
                self.add_error(name, _("Write this: %(label)s.") % {"label": self.fields[name].label})
        if self.errors:
            return None
        town = Place.objects.filter(kind=PlaceKind.TOWN, key=fold(data["city"]), state=data["state"]).first()
        if town is None:
            self.add_error("city", _("We do not know that city in that state. Write the name of a town nearby."))
            return None
        return Venue(
            city=data["city"],
            state=data["state"],
            latitude=Decimal(str(town.latitude)),
            longitude=Decimal(str(town.longitude)),
            time_zone=data["time_zone"],
            name=data["place_name"],
            street_address=data["street_address"],
        )

    def plan_on(self, day: date) -> SessionPlan:
        data = self.cleaned_data
        return SessionPlan(
            consulate=self.office,
            kind=SessionKind(data["kind"]),
            day=day,
            opens=data["opens"],
            closes=data["closes"],
            windows=data["windows"],
            slot_minutes=data["slot_minutes"],
            staff_seats=data["staff_seats"],
            emergency_seats=data["emergency_seats"],
            procedures=list(data["procedures"]),
            venue=data["venue"],
        )

    def check_plans(self) -> None:
        raise NotImplementedError

    def refuse_calendar(self, day: date) -> None:
        plan = self.plan_on(day)
        zone_name = plan.venue.time_zone if plan.venue else self.office.time_zone
        try:
            plan_slots(
                Hours(day, plan.opens, plan.closes, zone_name),
                windows=plan.windows,
                slot_minutes=plan.slot_minutes,
                factor=Decimal(1),
                staff=plan.staff_seats,
                emergency=plan.emergency_seats,
            )
        except CalendarError as error:
            self.add_error(SENTENCES.get(error.code, (None,))[0], sentence_for(error.code))

    def refuse_day(self, weekday: int, field: str) -> None:
        kind = self.cleaned_data["kind"]
        fits = {"weekday": weekday < 5, "saturday": weekday == 5, "sunday": weekday == 6}
        if not fits.get(kind, True):
            self.add_error(field, _("The kind of session does not fit the day of the week."))


def values_of(plan: SessionPlan, office: Consulate) -> dict[str, Any]:
    """A plan as the initial values of ShapeForm."""
    venue = plan.venue
    elsewhere = venue is not None and (bool(venue.name) or venue.city != office.city)
    return {
        "kind": plan.kind,
        "day": plan.day,
        "opens": plan.opens,
        "closes": plan.closes,
        "windows": plan.windows,
        "slot_minutes": plan.slot_minutes,
        "staff_seats": plan.staff_seats,
        "emergency_seats": plan.emergency_seats,
        "procedures": [procedure.pk for procedure in plan.procedures],
        "place": "other" if elsewhere else "office",
        "place_name": venue.name if elsewhere and venue else "",
        "street_address": venue.street_address if elsewhere and venue else "",
        "city": venue.city if elsewhere and venue else "",
        "state": venue.state if elsewhere and venue else "",
        "time_zone": venue.time_zone if elsewhere and venue else "",
    }


NEW: Mapping[str, Any] = {
    "kind": SessionKind.WEEKDAY,
    "opens": time(8),
    "closes": time(15),
    "windows": 4,
    "slot_minutes": 30,
    "staff_seats": 0,
    "emergency_seats": 0,
    "place": "office",
}


def usual(office: Consulate, kind: str, **known: Any) -> dict[str, Any]:
    """What a new session starts from: the office's latest of that ``kind``, or what is common anywhere."""
    same = Session.objects.filter(consulate=office, kind=kind).select_related("consulate")
    latest = same.prefetch_related("procedures").order_by("-date", "-id").first()
    values = values_of(plan_of_session(latest), office) if latest else {**NEW, "kind": kind}
    return {**values, **known}


class SessionForm(ShapeForm):
    day = DayField(label=_("Day"))
    field_order = ["kind", "day"]

    def check_plans(self) -> None:
        day = self.cleaned_data["day"]
        self.refuse_day(day.weekday(), "kind")
        if not self.errors:  # a field with an error has left the cleaned data
            self.refuse_calendar(day)


class TemplateForm(ShapeForm):
    name = forms.CharField(label=_("Name of the template"), max_length=80)
    weekdays = forms.TypedMultipleChoiceField(
        label=_("Days of the week"), choices=list(WEEKDAYS.items()), coerce=int, widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one day.")},
    )  # fmt: skip
    every_weeks = number(_("Every how many weeks"), 1, 12)
    starts_on = DayField(label=_("From"))
    until = DayField(label=_("Until"), help_text=_("At most one year later."))
    field_order = ["name", "weekdays", "every_weeks", "starts_on", "until"]

    def check_plans(self) -> None:
        data = self.cleaned_data
        if data["until"] < data["starts_on"]:
            self.add_error("until", _("The last day is not before the first."))
        elif data["until"] - data["starts_on"] > LONGEST:
            self.add_error("until", _("A template reaches one year at most."))
        for weekday in data["weekdays"]:
            self.refuse_day(weekday, "weekdays")
        days = days_of(first=data["starts_on"], until=data["until"], weekdays=data["weekdays"])
        if not days:
            self.add_error("until", _("There is no such day between the first and the last."))
        elif not self.errors:
            self.refuse_calendar(days[0])


class SkipForm(PlainErrors, forms.Form):
    skip_holidays = forms.BooleanField(
        label=_("Leave out holidays"), required=False, initial=True,
        help_text=_("Those on which the office rests, and those that nobody has decided yet."),
    )  # fmt: skip
    skip_overlaps = forms.BooleanField(label=_("Leave out what overlaps a session that stands"), required=False)


class CopyForm(SkipForm):
    first = DayField(label=_("First week to copy to"), help_text=_("Any day of that week."))
    weeks = number(_("To how many weeks"), 1, 26)
    field_order = ["first", "weeks"]

    def __init__(self, *args: Any, week: date, **kwargs: Any) -> None:
        self.week = week
        super().__init__(*args, **kwargs)

    def clean_first(self) -> date:
        first = self.cleaned_data["first"]
        if first < self.week + timedelta(weeks=1):
            raise forms.ValidationError(_("Copy to a later week."), code="early")
        return first


class CapacityForm(PlainErrors, forms.Form):
    first = DayField(label=_("From"))
    last = DayField(label=_("Until"))
    percent = number(_("Per cent of the windows that may work"), 0, 100)
    reason = forms.ChoiceField(label=_("Reason"), choices=CapacityReason.choices)
    note = forms.CharField(label=_("Note"), max_length=200, required=False)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("first") and data.get("last") and data["last"] < data["first"]:
            self.add_error("last", _("The last day is not before the first."))
        return data

    def plan_for(self, office: Consulate) -> FactorPlan:
        data = self.cleaned_data
        return FactorPlan(
            office,
            data["first"],
            data["last"],
            Decimal(data["percent"]) / 100,
            CapacityReason(data["reason"]),
            data["note"],
        )
