"""The shape of what somebody tells who wants to wait. The pages, the agent for a caller and the API share it."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _

from appointments.models import Applicant
from appointments.waiting.joining import EVERY_DAY, Wanted
from appointments.waiting.order import day_of
from appointments.waiting.words import day_name
from consulates.forms import PlaceField, ProcedureField
from consulates.models import Consulate, Procedure
from consulates.selectors import bookable_procedures, miles_between, offices
from mexitel.utils.forms import DatePartsField, PlainErrors

SOONEST, FURTHEST = timedelta(days=2), timedelta(days=92)
MILES = (25, 50, 100, 200)
HOURS = {"": (0, 24), "manana": (0, 12), "tarde": (12, 24)}
SINGLE = {"tramite", "lugar", "millas", "horas"}
capital_day = lazy(lambda day: day_name(day).capitalize(), str)


class WaitForm(PlainErrors, forms.Form):
    """For which procedure, where, on which days and until when. Near a place, or at offices that are ticked."""

    tramite = ProcedureField()
    lugar = PlaceField(
        label=_("Where do you live?"),
        help_text=_("A ZIP code, or a city and its state: “90012” or “Reno, NV”."),
        widget=forms.TextInput(attrs={"autocomplete": "postal-code", "class": "govuk-input--width-20"}),
    )
    millas = forms.TypedChoiceField(
        label=_("How far can you travel?"),
        choices=[(str(miles), _("%(miles)d miles") % {"miles": miles}) for miles in MILES],
        coerce=int,
        empty_value=100,  # type: ignore[arg-type]
        required=False,
        initial="100",
        error_messages={"invalid_choice": _("Choose how far you can travel.")},
    )
    oficinas = forms.ModelMultipleChoiceField(
        Consulate.objects.none(),
        to_field_name="code",
        required=False,
        label=_("Only these offices"),
        help_text=_("If you mark any, only these count, and not the distance."),
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "invalid_choice": _("Choose offices of the list."),
            "invalid_list": _("Choose offices of the list."),
            "invalid_pk_value": _("Choose offices of the list."),
        },
    )
    dias = forms.TypedMultipleChoiceField(
        label=_("Which days suit you?"),
        help_text=_("If you mark none, any day suits you."),
        choices=[(str(day), capital_day(day)) for day in EVERY_DAY],
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": _("Choose days of the list."), "invalid_list": _("Choose days of the list.")},
    )
    horas = forms.ChoiceField(
        label=_("At what time?"),
        choices=[("", _("At any hour")), ("manana", _("In the morning")), ("tarde", _("In the afternoon"))],
        required=False,
        widget=forms.RadioSelect,
        initial="",
        error_messages={"invalid_choice": _("Choose one of the three.")},
    )
    hasta = DatePartsField(
        label=_("Until which day do you want to wait?"),
        help_text=_("After that day we look for nothing more. At most three months."),
        error_messages={
            "required": _("Write until which day: day, month and year."),
            "future": _("That is too far away. Choose a day within three months."),
        },
    )

    def __init__(self, *args: Any, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.now, self.today = now, day_of(now)
        self.offices = list(offices(on=self.today))
        cast(forms.ModelChoiceField, self.fields["tramite"]).queryset = bookable_procedures()
        chosen = cast(forms.ModelMultipleChoiceField, self.fields["oficinas"])
        chosen.queryset = Consulate.objects.filter(pk__in=[office.pk for office in self.offices]).order_by(
            "state", "city"
        )
        chosen.label_from_instance = lambda office: f"{office.city}, {office.state}"  # type: ignore[method-assign, assignment]
        hasta = cast(DatePartsField, self.fields["hasta"])
        hasta.first_year, hasta.last_day = self.today.year, self.today + FURTHEST

    def clean_hasta(self) -> date:
        day = self.cleaned_data["hasta"]
        if day < self.today + SOONEST:
            raise ValidationError(_("Choose a day from the day after tomorrow on."))
        return day

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or {}
        if not typed.get("lugar") and not typed.get("oficinas") and not self.errors.keys() & {"lugar", "oficinas"}:
            self.add_error("lugar", _("Type where you live, or mark offices."))
        return typed

    def wanted(self) -> Wanted:
        typed = self.cleaned_data
        hours = HOURS[typed["horas"]]
        shared = {
            "procedure": typed["tramite"],
            "last_day": typed["hasta"],
            "weekdays": tuple(sorted(typed["dias"])) or EVERY_DAY,
            "from_hour": hours[0],
            "to_hour": hours[1],
        }
        chosen = list(typed["oficinas"])
        if chosen:
            return Wanted(offices=tuple(one.pk for one in chosen), time_zone=chosen[0].time_zone, **shared)
        here = (typed["lugar"].latitude, typed["lugar"].longitude)
        by_distance = sorted(
            (miles_between(here, (float(one.latitude), float(one.longitude))), one.pk, one) for one in self.offices
        )
        return Wanted(
            offices=tuple(pk for miles, pk, _office in by_distance if miles <= typed["millas"]),
            time_zone=by_distance[0][2].time_zone,
            near=typed["lugar"].name,
            here=here,
            miles=typed["millas"],
            **shared,
        )


class WhoForm(forms.Form):
    """Whom of the saved people it is for."""

    personas = forms.TypedMultipleChoiceField(
        label=_("Mark the people"),
        help_text=_("If you mark several, we look for places for all of them together, or none."),
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": _("Choose who needs the appointment."),
            "invalid_choice": _("Choose people of your list."),
            "invalid_list": _("Choose people of your list."),
        },
    )

    def __init__(
        self, *args: Any, saved: Iterable[Applicant], procedure: Procedure | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        if procedure is not None and procedure.min_applicants > 1:
            self.fields["personas"].help_text = _(
                "Mark all who attend: several people go to this appointment together."
            )
        self.saved = {person.pk: person for person in saved}
        choices = [(str(pk), person.full_name) for pk, person in self.saved.items()]
        cast(forms.ChoiceField, self.fields["personas"]).choices = choices

    def chosen(self) -> list[Applicant]:
        return [self.saved[pk] for pk in self.cleaned_data["personas"]]


def kept(data: QueryDict) -> dict[str, list[str]]:
    """What was typed in WaitForm, for the session: it says nothing about anybody."""
    names = ["tramite", "lugar", "millas", "oficinas", "dias", "horas", "hasta_day", "hasta_month", "hasta_year"]
    return {name: data.getlist(name)[:60] for name in names if name in data}


def initial_of(kept_data: dict[str, list[str]]) -> dict[str, Any]:
    """The same as initial values, for whoever changes what they told."""
    single = {name: values[-1] for name, values in kept_data.items() if values and name in SINGLE}
    several = {name: values for name, values in kept_data.items() if name in {"oficinas", "dias"}}
    hasta = [(kept_data.get(f"hasta_{part}") or [""])[-1] for part in ("day", "month", "year")]
    return single | several | {"hasta": hasta}


def typed_again(kept_data: dict[str, list[str]]) -> QueryDict:
    data = QueryDict(mutable=True)
    for name, values in kept_data.items():
        data.setlist(name, values)
    return data
