"""The shape of what helpers, staff and public computers send."""

from datetime import date, datetime, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from antifraud.models import LaneKind
from antifraud.models.lane import MOST_DEVICES
from consulates.models import Consulate
from consulates.wording import local_day
from mexitel.utils.forms import DatePartsField, PlainErrors

AHEAD = timedelta(days=90)
KINDS = [(LaneKind.DRIVE, _("A help day")), (LaneKind.TERMINAL, _("A public computer"))]


class HelperForm(PlainErrors, forms.Form):
    name = forms.CharField(
        label=_("Your full name"),
        help_text=_("Whoever you help reads it in their confirmation."),
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    organisation = forms.CharField(
        label=_("Organisation (optional)"),
        help_text=_("A church, a union, a library. Leave it empty if you help on your own."),
        max_length=120,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
    )
    place = forms.CharField(label=_("City and state where you help"), max_length=120)
    pledge = forms.BooleanField(
        label=_("I charge nothing, to nobody, and I accept no gifts for an appointment."),
        error_messages={"required": _("Check the box: who charges cannot be registered.")},
    )


class WhyForm(PlainErrors, forms.Form):
    why = forms.CharField(
        label=_("Why?"),
        help_text=_("One or two sentences. The person reads them."),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class CodeForm(PlainErrors, forms.Form):
    code = forms.CharField(
        label=_("Code of six letters and numbers"),
        help_text=_("The office gives it to you."),
        max_length=20,
        widget=forms.TextInput(
            attrs={
                "autocomplete": "off",
                "autocapitalize": "characters",
                "spellcheck": "false",
                "class": "govuk-input--width-10",
            }
        ),
    )


class OfficeField(forms.ModelChoiceField):
    def label_from_instance(self, office: Consulate) -> str:
        return f"{office.city}, {office.state}"


class LaneForm(PlainErrors, forms.Form):
    """A help day or a public computer. A terminal has no day and one device."""

    kind = forms.ChoiceField(label=_("What is it?"), choices=KINDS, widget=forms.RadioSelect)
    office = OfficeField(queryset=Consulate.objects.none(), label=_("Office"))
    place = forms.CharField(label=_("Place"), help_text=_("For example: San José church, hall 2."), max_length=120)
    organisation = forms.CharField(label=_("Organisation"), max_length=120, required=False)
    day = DatePartsField(
        label=_("Day"),
        help_text=_("Only for a help day. For example: 12 6 2027"),
        required=False,
        first_year=2021,
        last_day=date(2200, 1, 1),
    )
    devices = forms.IntegerField(
        label=_("How many phones, tablets or computers?"),
        help_text=_("Only for a help day."),
        min_value=1,
        max_value=MOST_DEVICES,
        required=False,
        widget=forms.NumberInput(attrs={"class": "govuk-input--width-3", "inputmode": "numeric"}),
    )

    def __init__(self, *args: Any, offices: QuerySet[Consulate], now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.now = now
        self.fields["office"].queryset = offices  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        told = super().clean() or {}
        if told.get("kind") == LaneKind.DRIVE:
            self._check_day(told.get("day"), told.get("office"))
            if not told.get("devices") and "devices" not in self.errors:
                self.add_error("devices", _("Write how many devices there will be."))
        return told

    def _check_day(self, day: date | None, office: Consulate | None) -> None:
        today = local_day(self.now, office.time_zone if office else "UTC")
        if "day" in self.errors:
            return
        if day is None:
            self.add_error("day", _("Write the day of the help day."))
        elif not today <= day <= today + AHEAD:
            self.add_error("day", ValidationError(_("Choose a day from today on, at most three months ahead.")))
