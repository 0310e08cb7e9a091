"""What planners ask about demand. All are GET: an address can be kept and sent to a colleague."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from appointments.demand.simulating import What
from appointments.demand.sites import MOST
from consulates.forms import ProcedureField
from consulates.models import TourKind
from consulates.places import Found, PlaceUnknown, find_place
from consulates.tours_forms import whole_number
from mexitel.utils.forms import PlainErrors

WEEKS = (4, 13, 26)


ONE_OF_THESE = {"invalid_choice": _("Choose one of the list.")}


def _weeks(label: Any, choices: list[tuple[int, Any]]) -> forms.TypedChoiceField:
    return forms.TypedChoiceField(label=label, choices=choices, coerce=int, error_messages=ONE_OF_THESE)


class AnyProcedureField(ProcedureField):
    def __init__(self) -> None:
        super().__init__(required=False)
        self.label, self.empty_label = _("Procedure"), _("All procedures")


class DemandForm(PlainErrors, forms.Form):
    tramite = AnyProcedureField()
    semanas = _weeks(_("In how many weeks"), [(weeks, _("Last %(weeks)d weeks") % {"weeks": weeks}) for weeks in WEEKS])

    DEFAULTS = {"semanas": "13"}

    def __init__(self, query: Any) -> None:
        super().__init__({**self.DEFAULTS, **query.dict()})


class SiteForm(DemandForm):
    que = forms.ChoiceField(
        label=_("What would you put there?"),
        choices=[
            (What.OFFICE, _("A new office, which serves every week")),
            (What.STOPS, _("Stops of a mobile consulate or a consulate on wheels: one, or a tour")),
        ],
        widget=forms.RadioSelect,
        error_messages=ONE_OF_THESE,
    )
    lugares = forms.CharField(
        label=_("Where?"),
        required=False,
        max_length=400,
        help_text=_(
            "A ZIP code, or a city and its state; one place on each line, five at most. Leave it empty to be shown"
            " where most people would be served."
        ),
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    cuantos = whole_number(_("If you leave it empty: how many places?"), 1, MOST)
    capacidad = whole_number(
        _("How many people does each serve?"), 1, 5000, help_text=_("An office in a week; a stop in all its days.")
    )

    DEFAULTS = {**DemandForm.DEFAULTS, "que": What.OFFICE.value, "cuantos": "3", "capacidad": "300"}

    def clean_lugares(self) -> list[Found]:
        lines = [line.strip() for line in self.cleaned_data["lugares"].splitlines() if line.strip()]
        if len(lines) > MOST:
            raise forms.ValidationError(_("Write five places at most."))
        return [_place(line) for line in lines]


def _place(line: str) -> Found:
    try:
        found = find_place(line)
    except PlaceUnknown as error:
        raise forms.ValidationError(f"{line[:40]}: {error.sentence}") from error
    if found.is_state:
        raise forms.ValidationError(_("%(place)s is a whole state. Write a city."), params={"place": found.name})
    return found


class TourForm(DemandForm):
    clase = forms.ChoiceField(
        label=_("Which team?"), choices=TourKind.choices, widget=forms.RadioSelect, error_messages=ONE_OF_THESE
    )
    hasta = _weeks(
        _("For how long"), [(weeks, _("The next %(weeks)d weeks") % {"weeks": weeks}) for weeks in (4, 8, 12)]
    )
    diarias = whole_number(_("How many people does the team serve a day?"), 1, 2000)

    DEFAULTS = {**DemandForm.DEFAULTS, "clase": TourKind.MOBILE.value, "hasta": "8", "diarias": "120"}
