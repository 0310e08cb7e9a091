"""The shape of what people type on the public pages. All are GET: an address can be kept and shared."""

from typing import Any

from django import forms
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from .models import Procedure
from .parties import MAX_PARTY, MOST_ALONE
from .places import MAX_TYPED, Found, PlaceUnknown, find_place
from .selectors import Order, bookable_procedures


class ProcedureField(forms.ModelChoiceField):
    def __init__(self, **options) -> None:
        super().__init__(
            bookable_procedures(),
            to_field_name="code",
            label=_("Which procedure do you need?"),
            empty_label=_("Choose one"),
            error_messages={
                "required": _("Choose the procedure you need."),
                "invalid_choice": _("That procedure is not booked here. Choose one of the list."),
            },
            **options,
        )

    def to_python(self, value: Any) -> Procedure | None:
        if isinstance(value, str) and "\x00" in value:
            raise forms.ValidationError(self.error_messages["invalid_choice"], code="invalid_choice")
        return super().to_python(value)

    def label_from_instance(self, procedure: Procedure) -> str:
        return procedure.name


def _how_many(number: int) -> object:
    return number if number <= MOST_ALONE else format_lazy(_("{number}: one family with minors"), number=number)


class PartyField(forms.TypedChoiceField):
    def __init__(self, **options) -> None:
        super().__init__(
            choices=[(number, _how_many(number)) for number in range(1, MAX_PARTY + 1)],
            coerce=int,
            empty_value=1,  # type: ignore[arg-type]
            required=False,
            label=_("How many people need this procedure?"),
            error_messages={"invalid_choice": _("Choose from one to eight people.")},
            **options,
        )


class PlaceField(forms.CharField):
    """Text that cleans to the Found place, or to None when nothing was typed. The text stays in the field."""

    def __init__(self, **options) -> None:
        super().__init__(
            required=False,
            max_length=MAX_TYPED,
            error_messages={"max_length": _("That is too long. Type a ZIP code or the name of a city.")},
            **options,
        )
        self.error_messages["null_characters_not_allowed"] = _("Type a ZIP code or the name of a city.")

    def clean(self, value: str | None) -> Found | None:
        typed = super().clean(value)
        if not typed:
            return None
        try:
            return find_place(typed)
        except PlaceUnknown as error:
            raise forms.ValidationError(str(error.sentence), code=error.code) from error


class SearchForm(forms.Form):
    tramite = ProcedureField()
    lugar = PlaceField(
        label=_("Where do you live?"),
        help_text=_("A ZIP code, or a city and its state: “90012” or “Reno, NV”. Leave it empty to see all places."),
        widget=forms.TextInput(attrs={"autocomplete": "postal-code", "class": "govuk-input--width-20"}),
    )
    personas = PartyField(help_text=_("Each person needs an appointment. We look for times together."))
    fin_de_semana = forms.BooleanField(required=False, label=_("I can only come on Saturday or Sunday"))
    orden = forms.TypedChoiceField(
        choices=[(Order.SOONEST, _("The earliest date")), (Order.NEAREST, _("The nearest place"))],
        coerce=Order,
        empty_value=Order.SOONEST,
        required=False,
        label=_("What matters more to you?"),
        widget=forms.RadioSelect,
        initial=Order.SOONEST,
        error_messages={"invalid_choice": _("Choose the earliest date or the nearest place.")},
    )


class OfficeListForm(forms.Form):
    lugar = PlaceField(
        label=_("Your ZIP code or city"),
        help_text=_("We put the nearest office first."),
        widget=forms.TextInput(attrs={"autocomplete": "postal-code", "class": "govuk-input--width-20"}),
    )


class WantedForm(forms.Form):
    """What somebody wants at an office: the procedure, and for how many."""

    tramite = ProcedureField()
    personas = PartyField()
