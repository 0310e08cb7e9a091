"""The shape of what reviewers and blocked people type."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from antifraud.models import BlockKind, BlockReason, BlockState
from antifraud.names import Target, target_of
from mexitel.utils.forms import PlainErrors

LONGEST_NOTE = 500
LONGEST_WORDS = 2000


class FilterForm(forms.Form):
    estado = forms.ChoiceField(label=_("State"), required=False, choices=[("", _("All")), *BlockState.choices])
    tipo = forms.ChoiceField(label=_("What is blocked"), required=False, choices=[("", _("All")), *BlockKind.choices])


class FindForm(PlainErrors, forms.Form):
    """Sent by POST, so that nobody's address stands in an address."""

    contact = forms.CharField(label=_("E-mail, phone or account number"), max_length=254)


class ProposeForm(PlainErrors, forms.Form):
    kind = forms.ChoiceField(label=_("What is blocked?"), choices=BlockKind.choices, widget=forms.RadioSelect)
    name = forms.CharField(
        label=_("Which one?"),
        help_text=_("The e-mail, the domain (venta.example), the phone, or the number or e-mail of the account."),
        max_length=254,
    )
    reason = forms.ChoiceField(label=_("What the person reads"), choices=BlockReason.choices, widget=forms.RadioSelect)
    note = forms.CharField(
        label=_("Why, for your colleagues"),
        help_text=_("What you saw. Without names or contacts: it stays in the record."),
        max_length=LONGEST_NOTE,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def clean(self) -> dict[str, Any]:
        told = super().clean() or {}
        if told.get("kind") and told.get("name"):
            try:
                told["target"] = target_of(BlockKind(told["kind"]), told["name"])
            except ValidationError as error:
                self.add_error("name", error)
        return told

    @property
    def target(self) -> Target:
        return self.cleaned_data["target"]


class WhyForm(PlainErrors, forms.Form):
    why = forms.CharField(
        label=_("Why?"),
        help_text=_("One or two sentences, without names. It stays in the record."),
        max_length=LONGEST_NOTE,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class AppealForm(PlainErrors, forms.Form):
    words = forms.CharField(
        label=_("Tell us why the block is a mistake"),
        help_text=_("For example: for whom you book, and how you know them. Two or three sentences are enough."),
        max_length=LONGEST_WORDS,
        widget=forms.Textarea(attrs={"rows": 5}),
    )


class DecideForm(PlainErrors, forms.Form):
    verdict = forms.ChoiceField(
        label=_("Your decision"),
        choices=[("overturn", _("Lift the block")), ("uphold", _("The block stays"))],
        widget=forms.RadioSelect,
    )
    answer = forms.CharField(
        label=_("What the person reads"),
        help_text=_("In plain words, in their language: what you looked at and why you decide so."),
        max_length=LONGEST_WORDS,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
