"""The fields of planners: days, hours and moments as typed, and what is said where they make no calendar."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from consulates.calendars import CalendarError, to_utc, zone

FIRST_YEAR = 2024
# What is said of a plan that makes no calendar, and at which field.
SENTENCES: Mapping[str, tuple[str, Any]] = {
    "unknown_time_zone": ("time_zone", _("That is not a time zone. Choose one of the list.")),
    "nonexistent_local_time": (
        "opens",
        _("On this day clocks jump forward: that hour does not exist there. Begin or end at another hour."),
    ),
    "ambiguous_local_time": (
        "opens",
        _("On this day clocks go back: that hour happens twice there. Begin or end at another hour."),
    ),
    "no_room_for_a_slot": (
        "closes",
        _("These hours do not hold one whole slot. Make them longer, or the slots shorter."),
    ),
    "pools_too_large": (
        "staff_seats",
        _("Some slot would need more seats for staff and emergencies than it has windows. Keep fewer."),
    ),
}


def sentence_for(code: str) -> str:
    return str(SENTENCES[code][1]) if code in SENTENCES else str(_("These hours make no calendar."))


class DayInput(forms.DateInput):
    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d", attrs={"class": "govuk-input--width-10"})


class ClockInput(forms.TimeInput):
    input_type = "time"

    def __init__(self) -> None:
        super().__init__(format="%H:%M", attrs={"class": "govuk-input--width-10"})


class DayField(forms.DateField):
    def __init__(self, **options: Any) -> None:
        wrong = _("Write the day as year, month and day. For example: 2026-12-01.")
        super().__init__(widget=DayInput(), input_formats=["%Y-%m-%d"], error_messages={"invalid": wrong}, **options)

    def clean(self, value: Any) -> date | None:
        day = super().clean(value)
        if day and not FIRST_YEAR <= day.year <= FIRST_YEAR + 40:
            raise forms.ValidationError(_("Check the year."), code="range")
        return day


class ClockField(forms.TimeField):
    def __init__(self, **options: Any) -> None:
        wrong = _("Write the hour with two points. For example: 8:30.")
        super().__init__(
            widget=ClockInput(), input_formats=["%H:%M", "%H:%M:%S"], error_messages={"invalid": wrong}, **options
        )


def number(label: Any, least: int, most: int, **options: Any) -> forms.IntegerField:
    said = _("Write a number from %(least)s to %(most)s.") % {"least": least, "most": most}
    return forms.IntegerField(
        label=label,
        min_value=least,
        max_value=most,
        widget=forms.NumberInput(attrs={"class": "govuk-input--width-4"}),
        error_messages={"invalid": said, "min_value": said, "max_value": said},
        **options,
    )


class MomentField(forms.DateTimeField):
    """A wall time as typed, without a zone: the form that has it knows where."""

    def __init__(self, **options: Any) -> None:
        widget = forms.DateTimeInput(
            format="%Y-%m-%dT%H:%M", attrs={"type": "datetime-local", "class": "govuk-input--width-20"}
        )
        wrong = _("Write the day and the hour. For example: 2026-12-01 10:00.")
        formats = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"]
        super().__init__(widget=widget, input_formats=formats, error_messages={"invalid": wrong}, **options)

    def to_python(self, value: Any) -> datetime | None:
        moment = super().to_python(value)
        return moment and moment.replace(tzinfo=None)


def in_utc(form: forms.Form, field: str, zone_name: str) -> datetime | None:
    """The moment that was typed, with a sentence at the field where there is none or there are two."""
    typed = form.cleaned_data.get(field)
    if typed is None:
        return None
    try:
        if not FIRST_YEAR <= typed.year <= FIRST_YEAR + 40:
            raise CalendarError
        return to_utc(typed.date(), typed.time(), zone_name)
    except CalendarError as error:
        form.add_error(field, sentence_for(error.code))
        return None


def wall(at: datetime, zone_name: str) -> datetime:
    return at.astimezone(zone(zone_name)).replace(tzinfo=None)
