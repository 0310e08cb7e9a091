"""The shape of what reviewers type and choose on the desk."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from antifraud.desk.acts import ALSO, RULES
from antifraud.desk.deciding import Choice
from antifraud.models import Act, CaseKind, DecisionReason
from mexitel.utils.forms import PlainErrors

LONGEST_NOTE = 500
WAITING, ASKED, CLOSED, UNDERWAY = "", "asked", "closed", "underway"
STATES = [
    (WAITING, _("Wait for a decision")),
    (ASKED, _("People were asked to confirm")),
    (UNDERWAY, _("Decided, not carried out yet")),
    (CLOSED, _("Closed")),
]


class QueueForm(forms.Form):
    """``oficina`` is an office's code."""

    estado = forms.ChoiceField(label=_("State"), required=False, choices=STATES)
    tipo = forms.ChoiceField(label=_("Kind"), required=False, choices=[("", _("All")), *CaseKind.choices])
    oficina = forms.ChoiceField(label=_("Office"), required=False)

    def __init__(self, *args: Any, offices: Sequence[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["oficina"]
        field.choices = [("", _("Every office")), *((one.code, one.name) for one in offices)]


class NoteForm(PlainErrors, forms.Form):
    """The reason of an act among those that it can have, and the reviewer's words."""

    reason = forms.ChoiceField(label=_("Why?"), widget=forms.RadioSelect)
    note = forms.CharField(
        label=_("In your words"),
        help_text=_("What you saw, in one or two sentences. Without names or contacts: it stays in the record."),
        max_length=LONGEST_NOTE,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, *args: Any, act: Act | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        reason: Any = self.fields["reason"]
        allowed = RULES[act].reasons if act else tuple(DecisionReason)
        reason.choices = [(one.value, capfirst(one.label)) for one in allowed]


class DecideForm(NoteForm):
    """For one case: ``choices`` are (id, words) of its open appointments, all chosen at first."""

    appointments = forms.TypedMultipleChoiceField(
        label=_("Which appointments?"), required=False, coerce=UUID, widget=forms.CheckboxSelectMultiple
    )
    also = forms.MultipleChoiceField(
        label=_("With it"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        choices=[(act.value, act.label) for act in ALSO],
    )
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)
    field_order = ("appointments", "reason", "note", "also", "seen")

    def __init__(self, *args: Any, act: Act, choices: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, act=act, **kwargs)
        self.act = act
        rule = RULES[act]
        if act != Act.CANCEL:
            del self.fields["also"]
        if not choices or act == Act.DISMISS:
            del self.fields["appointments"]
            return
        field: Any = self.fields["appointments"]
        field.choices, field.initial, field.required = choices, [pk for pk, _words in choices], rule.chooses

    def clean(self) -> dict[str, Any]:
        told = super().clean() or {}
        if Act.BLOCK in told.get("also", []) and told.get("reason") not in RULES[Act.BLOCK].reasons:
            raise ValidationError(_("A block needs one of the other reasons: choose it, or leave the block out."))
        return told

    @property
    def choice(self) -> Choice:
        told = self.cleaned_data
        return Choice(
            self.act, told["reason"], told["note"], told.get("appointments"), tuple(map(Act, told.get("also", [])))
        )


class BulkForm(NoteForm):
    """For several cases: also what is done."""

    act = forms.ChoiceField(label=_("What is decided?"), choices=Act.choices, widget=forms.RadioSelect)
    field_order = ("act", "reason", "note")

    def clean(self) -> dict[str, Any]:
        told = super().clean() or {}
        if told.get("act") and told.get("reason") and told["reason"] not in RULES[Act(told["act"])].reasons:
            self.add_error("reason", _("That reason does not go with what is decided. Choose another one."))
        return told

    @property
    def choice(self) -> Choice:
        told = self.cleaned_data
        return Choice(Act(told["act"]), told["reason"], told["note"])


class FindForm(PlainErrors, forms.Form):
    """Sent by POST, so that nobody's contact stands in an address."""

    who = forms.CharField(
        label=_("Find a booker"),
        help_text=_("E-mail, phone, reference of an appointment, or number of the account."),
        max_length=254,
    )


class OpenForm(PlainErrors, forms.Form):
    why = forms.CharField(
        label=_("Why do you open a case?"),
        help_text=_("What you saw. Without names or contacts: it stays in the record."),
        max_length=LONGEST_NOTE,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
