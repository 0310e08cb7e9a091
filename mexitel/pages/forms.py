"""The one form of the home page; it sends its reader to the search page and is never bound here."""

from collections.abc import Iterable
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _


class StartForm(forms.Form):
    use_required_attribute = False  # the search page says what is missing, in the reader's language

    tramite = forms.ChoiceField(label=_("What do you need?"), help_text=_("For example: passport or consular ID card"))
    lugar = forms.CharField(
        label=_("Your ZIP code or your city"),
        help_text=_("For example: 90012 or Dallas"),
        widget=forms.TextInput(attrs={"autocomplete": "postal-code", "spellcheck": "false"}),
    )
    fin_de_semana = forms.BooleanField(
        label=_("Saturdays and Sundays only"),
        required=False,
        widget=forms.CheckboxInput(attrs={"value": "1"}),
    )

    def __init__(self, *args: Any, procedures: Iterable[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(procedure.code, procedure.name) for procedure in procedures]
        cast(forms.ChoiceField, self.fields["tramite"]).choices = [("", _("Choose a procedure")), *choices]
