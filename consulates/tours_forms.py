"""Forms of tours and campaigns: the shape of what staff type, and the sentences of what a service refuses."""

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from mexitel.utils import time
from mexitel.utils.forms import DatePartsField, PlainErrors

from .models import Place, PlaceKind, Procedure, Stop, Tour, TourKind
from .places import STATES, fold
from .services import Venue
from .services.campaigns import DayHours
from .services.tours import LONGEST_STOP_DAYS, LocalMoment, StopPlan
from .zones import all_zones, proposed_zone, zones_of

FURTHEST = timedelta(days=500)
REFUSALS = {
    "tour_name_taken": _("This office already has a tour of that name."),
    "team_elsewhere": _("The team is at another stop then. Change the days, or the team of the tour."),
    "stop_too_long": _("A stop lasts %(days)s days at most. Make a second stop for the rest.")
    % {"days": LONGEST_STOP_DAYS},
    "stop_published": _("A day of this stop can be booked already, so it cannot be changed or removed here."),
    "session_overlaps": _("The office already has a session in that place at that time."),
    "nothing_to_publish": _("There is nothing to publish."),
    "opens_too_late": _("Places would open after a session has begun. Choose an earlier moment."),
    "not_draft": _("Somebody published a part of this at the same moment. Look at it again."),
    "nonexistent_local_time": _("The clocks skip that hour on that day. Choose another hour."),
    "ambiguous_local_time": _("The clocks repeat that hour on that day. Choose another hour."),
    "no_room_for_a_slot": _("The hours do not hold one whole slot. Lengthen them, or shorten the slot."),
    "weekend_taken": _("That weekend already has a campaign."),
    "already_published": _("The hours of this office are published. Change them as those of any session."),
    "partly_published": _("A part of the weekend can be booked already. Each office closes its own day instead."),
    "nothing_chosen": _("Choose at least one day, or decline with a reason."),
}


def refusal(error: Exception) -> str:
    """The sentence of a service's refusal; an unknown code is a fault of ours and is raised again."""
    code = getattr(error, "code", "")
    if code not in REFUSALS:
        raise error
    return str(REFUSALS[code])


class ClockField(forms.TimeField):
    """An hour and minute of the place's own clocks."""

    def __init__(self, **options: Any) -> None:
        widget = forms.TimeInput(attrs={"type": "time", "class": "govuk-input--width-10"}, format="%H:%M")
        sentence = _("Write the hour with its minutes, for example 09:30.")
        super().__init__(widget=widget, error_messages={"invalid": sentence}, **options)


class DayField(DatePartsField):
    """A day from today to FURTHEST ahead."""

    default_error_messages = {
        "past": _("That day has gone by."),
        "future": _("That day is too far ahead."),
    }

    def clean(self, value: Any) -> date | None:
        today = time.now().date()
        self.first_year, self.last_day = today.year - 1, today + FURTHEST
        day = super().clean(value)
        # In the west it may still be yesterday.
        if day is not None and day < today - timedelta(days=1):
            raise self._error("past")
        return day


class ProceduresField(forms.ModelMultipleChoiceField):
    widget = forms.CheckboxSelectMultiple

    def __init__(self, **options: Any) -> None:
        sentence = _("Choose at least one procedure.")
        super().__init__(
            Procedure.objects.bookable(),
            label=_("Procedures"),
            error_messages={"required": sentence, "invalid_choice": sentence, "invalid_pk_value": sentence},
            **options,
        )

    def label_from_instance(self, procedure: Procedure) -> str:
        return procedure.name


def whole_number(label: Any, least: int, most: int, **options: Any) -> forms.IntegerField:
    sentence = _("Write a whole number from %(least)s to %(most)s.") % {"least": least, "most": most}
    return forms.IntegerField(
        label=label,
        min_value=least,
        max_value=most,
        widget=forms.NumberInput(attrs={"class": "govuk-input--width-5", "inputmode": "numeric"}),
        error_messages={"invalid": sentence, "min_value": sentence, "max_value": sentence},
        **options,
    )


class TourForm(PlainErrors, forms.Form):
    kind = forms.ChoiceField(label=_("Kind"), choices=TourKind.choices, widget=forms.RadioSelect)
    name = forms.CharField(label=_("Name of the tour"), max_length=80, help_text=_("For example: Northern Nevada, May"))
    team = forms.CharField(label=_("Team"), max_length=60, help_text=_("Who travels. A team is at one stop at a time."))
    vehicle = forms.CharField(label=_("Vehicle"), max_length=60, required=False)
    kit = forms.CharField(label=_("Kit"), max_length=200, required=False, help_text=_("Cameras, printers, generator …"))

    def __init__(self, *args: Any, tour: Tour | None = None, **options: Any) -> None:
        if tour is not None:
            names = ("kind", "name", "team", "vehicle", "kit")
            options["initial"] = {name: getattr(tour, name) for name in names}
        super().__init__(*args, **options)
        if tour is not None and tour.stops.exists():
            del self.fields["kind"]  # its sessions have it


class StopForm(PlainErrors, forms.Form):
    first_day = DayField(label=_("First day"))
    last_day = DayField(label=_("Last day"), required=False, help_text=_("Leave it empty for a stop of one day."))
    opens = ClockField(label=_("Opens"), help_text=_("Local time of the stop."))
    closes = ClockField(label=_("Closes"))
    place_name = forms.CharField(label=_("Venue"), max_length=120, help_text=_("For example: public library"))
    street_address = forms.CharField(label=_("Street and number"), max_length=160, required=False)
    postal_code = forms.CharField(
        label=_("ZIP code"),
        max_length=10,
        required=False,
        widget=forms.TextInput(attrs={"class": "govuk-input--width-5"}),
    )
    city = forms.CharField(label=_("Host city"), max_length=80)
    state = forms.ChoiceField(label=_("State"))
    time_zone = forms.ChoiceField(
        label=_("Time zone"),
        required=False,
        help_text=_("If you leave it, we take the zone of the city. Check it: the hours above are read in it."),
    )
    windows = whole_number(_("Windows"), 1, 200, help_text=_("How many people are served at once."))
    slot_minutes = whole_number(_("Minutes of a slot"), 5, 240)
    procedures = ProceduresField()

    def __init__(self, *args: Any, stop: Stop | None = None, **options: Any) -> None:
        if stop is not None:
            options["initial"] = _initial(stop)
        super().__init__(*args, **options)
        choices: dict[str, forms.ChoiceField] = {name: self.fields[name] for name in ("state", "time_zone")}  # type: ignore[misc]
        choices["state"].choices = [("", _("Choose one")), *sorted(STATES.items(), key=lambda state: state[1])]
        choices["time_zone"].choices = [("", _("That of the city")), *((name, name) for name in all_zones())]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        first, last = data.get("first_day"), data.get("last_day")
        if first and last and last < first:
            self.add_error("last_day", _("The last day is not before the first."))
        opens, closes = data.get("opens"), data.get("closes")
        if opens and closes and closes <= opens:
            self.add_error("closes", _("The stop closes after it opens, on the same day."))
        if data.get("city") and data.get("state"):
            self._find_place(data)
        return data

    def _find_place(self, data: dict[str, Any]) -> None:
        place = _place(data["city"], data["state"], data.get("postal_code", ""))
        if place is None:
            self.add_error("city", _("We do not know that town. Check its name and state, or write the ZIP code."))
            return
        data["point"] = (place.latitude, place.longitude)
        zone_name = data.get("time_zone")
        if not zone_name:
            data["time_zone"] = proposed_zone(state=data["state"], latitude=place.latitude, longitude=place.longitude)
        elif zone_name not in zones_of(data["state"]):
            zones = ", ".join(zones_of(data["state"]))
            self.add_error(
                "time_zone", _("No town of that state keeps that zone. There it is %(zones)s.") % {"zones": zones}
            )

    def plan(self) -> StopPlan:
        data = self.cleaned_data
        latitude, longitude = (Decimal(f"{degrees:.5f}") for degrees in data["point"])
        venue = Venue(
            city=data["city"],
            state=data["state"],
            latitude=latitude,
            longitude=longitude,
            time_zone=data["time_zone"],
            name=data["place_name"],
            street_address=data["street_address"],
            postal_code=data["postal_code"],
        )
        return StopPlan(
            first_day=data["first_day"],
            last_day=data["last_day"] or data["first_day"],
            opens=data["opens"],
            closes=data["closes"],
            venue=venue,
            windows=data["windows"],
            slot_minutes=data["slot_minutes"],
            procedures=list(data["procedures"]),
        )


def _initial(stop: Stop) -> dict[str, Any]:
    same = (
        "first_day",
        "last_day",
        "place_name",
        "street_address",
        "postal_code",
        "city",
        "state",
        "time_zone",
        "windows",
        "slot_minutes",
    )
    values = {name: getattr(stop, name) for name in same}
    procedures = list(stop.procedures.values_list("pk", flat=True))
    return values | {"opens": stop.opens_local, "closes": stop.closes_local, "procedures": procedures}


def _place(city: str, state: str, postal_code: str) -> Place | None:
    """The ZIP code's centre where one is known in that state, else the town's."""
    town = Q(kind=PlaceKind.TOWN, key=fold(city), state=state)
    code = Q(kind=PlaceKind.ZIP, key=postal_code.strip()[:5], state=state)
    found = {place.kind: place for place in Place.objects.filter(town | code)}
    return found.get(PlaceKind.ZIP) or found.get(PlaceKind.TOWN)


class OpeningForm(PlainErrors, forms.Form):
    """When places open: by habit, or at a chosen day and hour on the clocks of each place."""

    when = forms.ChoiceField(label=_("When do places open?"), widget=forms.RadioSelect, initial="habit")
    day = DayField(label=_("Day"), required=False)
    hour = ClockField(label=_("Hour"), required=False, help_text=_("Local time of each place."))

    def __init__(self, *args: Any, habit: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["when"].choices = [("habit", habit), ("chosen", _("On a day that I choose"))]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("when") == "chosen":
            for name in ("day", "hour"):
                if not data.get(name) and name not in self.errors:
                    self.add_error(name, _("Write the day and the hour at which places open."))
        return data

    def moment(self) -> LocalMoment | None:
        data = self.cleaned_data
        return LocalMoment(data["day"], data["hour"]) if data["when"] == "chosen" else None


class WithdrawForm(PlainErrors, forms.Form):
    reason = forms.CharField(label=_("Why is it called off?"), max_length=200, help_text=_("Colleagues see it."))


class CampaignForm(PlainErrors, forms.Form):
    name = forms.CharField(label=_("Name of the campaign"), max_length=80, help_text=_("The public sees it."))
    saturday = DayField(label=_("Saturday of the weekend"))
    days = forms.MultipleChoiceField(
        label=_("Days"),
        choices=[("saturday", _("Saturday")), ("sunday", _("Sunday"))],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose Saturday, Sunday or both.")},
    )
    opens = ClockField(label=_("Opens"), help_text=_("Local time of each office; every office may adapt it."))
    closes = ClockField(label=_("Closes"))
    slot_minutes = whole_number(_("Minutes of a slot"), 5, 240)
    procedures = ProceduresField()

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("saturday") and data["saturday"].isoweekday() != 6:
            self.add_error("saturday", _("That day is not a Saturday."))
        if data.get("opens") and data.get("closes") and data["closes"] <= data["opens"]:
            self.add_error("closes", _("The offices close after they open."))
        return data


class AnswerForm(PlainErrors, forms.Form):
    """Yes with hours for each day, or no with a reason. ``version`` is that of the row that was shown."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    answer = forms.ChoiceField(
        label=_("Does this office take part?"),
        choices=[("confirm", _("Yes, with these hours")), ("decline", _("No"))],
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(label=_("Why not?"), max_length=200, required=False)

    def __init__(self, *args: Any, days: Mapping[date, DayHours], words: Mapping[date, str], **options: Any) -> None:
        super().__init__(*args, **options)
        self.days = list(words)
        for day in self.days:
            hours = days.get(day)
            self.fields[f"works_{day}"] = forms.BooleanField(
                label=_("Open on %(day)s") % {"day": words[day]}, required=False, initial=hours is not None
            )
            self.fields[f"opens_{day}"] = ClockField(label=_("Opens"), required=False, initial=hours and hours.opens)
            self.fields[f"closes_{day}"] = ClockField(label=_("Closes"), required=False, initial=hours and hours.closes)
            self.fields[f"windows_{day}"] = whole_number(
                _("Windows"), 1, 200, required=False, initial=hours and hours.windows
            )
        self.order_fields(["version", "answer", *(name for name in self.fields if "_" in name), "reason"])

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("answer") == "decline":
            if not data.get("reason"):
                self.add_error("reason", _("Say why the office cannot take part."))
            return data
        for day in self.days:
            if data.get(f"works_{day}"):
                self._look_at(day, data)
        return data

    def _look_at(self, day: date, data: dict[str, Any]) -> None:
        for name in ("opens", "closes", "windows"):
            if data.get(f"{name}_{day}") is None and f"{name}_{day}" not in self.errors:
                self.add_error(f"{name}_{day}", _("Write the hours and the windows of each day that is open."))
        opens, closes = data.get(f"opens_{day}"), data.get(f"closes_{day}")
        if opens and closes and closes <= opens:
            self.add_error(f"closes_{day}", _("The office closes after it opens."))

    def hours(self) -> dict[date, DayHours]:
        data = self.cleaned_data
        return {
            day: DayHours(data[f"opens_{day}"], data[f"closes_{day}"], data[f"windows_{day}"])
            for day in self.days
            if data[f"works_{day}"]
        }
