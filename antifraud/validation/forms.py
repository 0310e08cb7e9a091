"""The shape of what is answered. Each button of the page may use only a part of it."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from antifraud.models.validation import Charged
from antifraud.validation.answers import Charge
from antifraud.validation.people import Told
from mexitel.utils.forms import DatePartsField, PlainErrors

LONGEST_HOW = 500
MOST_DOLLARS = 100_000
NARROW = {"autocomplete": "off", "class": "govuk-input--width-10", "spellcheck": "false"}


class AnswerForm(PlainErrors, forms.Form):
    """What the person who attends is known by; whether the last question was asked stands in ``has_curp``."""

    born = DatePartsField(
        label=_("Date of birth of the person who attends"),
        help_text=_("For example: 27 3 1985"),
        required=False,
        error_messages={"required": _("Write the date of birth: day, month and year.")},
    )
    proof = forms.CharField(label=_("A given name of that person"), max_length=100, required=False)
    charged = forms.ChoiceField(
        label=_("Did somebody charge you for the appointment?"),
        choices=Charged.choices,
        widget=forms.RadioSelect,
        required=False,
    )
    dollars = forms.IntegerField(
        label=_("How much, in dollars?"),
        min_value=0,
        max_value=MOST_DOLLARS,
        required=False,
        widget=forms.TextInput(attrs=NARROW | {"inputmode": "numeric"}),
        error_messages=dict.fromkeys(
            ("invalid", "min_value", "max_value"), _("Write the amount with numbers only, without cents.")
        ),
    )
    how = forms.CharField(
        label=_("How? For example: where, or through which page"),
        help_text=_("Only if you want. We read it in confidence."),
        max_length=LONGEST_HOW,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, *args: Any, has_curp: bool, says_yes: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        proof = self.fields["proof"]
        proof.widget = forms.TextInput(attrs=NARROW)
        if has_curp:
            proof.label = _("Last four letters or numbers of their CURP")
            proof.widget.attrs |= {"maxlength": 8, "autocapitalize": "characters", "class": "govuk-input--width-5"}
        for name in ("born", "proof"):
            self.fields[name].required = says_yes
        proof.error_messages["required"] = _("Write this: %(label)s.") % {"label": proof.label}

    def told(self) -> Told:
        return Told(self.cleaned_data.get("born"), self.cleaned_data.get("proof") or "")

    def charge(self) -> Charge:
        told = self.cleaned_data
        return Charge(told.get("charged") or "", told.get("dollars"), told.get("how") or "")

    @property
    def tells_of_charge(self) -> bool:
        """Whether the voluntary part is shown open."""
        return any(self[name].errors or self[name].value() for name in ("charged", "dollars", "how"))


class FindForm(PlainErrors, forms.Form):
    """Sent by POST, so that no reference stands in an address."""

    reference = forms.CharField(
        label=_("Reference of the appointment"),
        help_text=_("Nine letters and numbers."),
        max_length=20,
        widget=forms.TextInput(attrs=NARROW),
    )
