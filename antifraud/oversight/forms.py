"""The shape of what reviewers type about rules and reports, and of what anybody tells us about a charge."""

import copy
from collections.abc import Iterator, Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from antifraud.models import Advert, ReportState
from antifraud.models.oversight import HIGHEST_GRADE, LEAST_GRADE
from antifraud.oversight.soundness import check, places, with_value
from antifraud.oversight.words import in_groups, meaning
from antifraud.rulesets import UnsoundRuleSet
from consulates.models import Consulate
from mexitel.utils.forms import PlainErrors

LONGEST_NOTE = 500
LONGEST_WORDS = 2000


def _name(path: tuple[str, ...]) -> str:
    return "__".join(path)


class RulesForm(PlainErrors, forms.Form):
    """Every number of ``rules`` (data of a rule set) as a field; ``rules`` itself is left as it was."""

    note = forms.CharField(
        label=_("What changes, and why"),
        help_text=_("One or two sentences. It stays in the record."),
        max_length=LONGEST_NOTE,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, *args: Any, rules: Mapping[str, Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.rules = rules
        for path, value in places(rules):
            self.fields[_name(path)] = forms.FloatField(
                label=meaning(path), initial=f"{value:g}", widget=forms.TextInput(attrs={"inputmode": "decimal"}),
                error_messages={"required": _("Write a number."), "invalid": _("Write a number, such as 1.5.")},
            )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        told = super().clean() or {}
        if not self.errors:
            try:
                check(self.data_typed())
            except UnsoundRuleSet as error:
                raise ValidationError(_("These rules cannot be: %(why)s."), params={"why": str(error)}) from error
        return told

    def data_typed(self) -> dict[str, Any]:
        """The rule set with the numbers typed."""
        data = copy.deepcopy(dict(self.rules))
        for path, _value in places(self.rules):
            with_value(data, path, self.cleaned_data[_name(path)])
        return data

    def groups(self) -> Iterator[dict[str, Any]]:
        """For the page: each evidence group with its codes, their sentence and fields; then caps, links and days."""
        for title, codes in in_groups(path for path, _value in places(self.rules)):
            fields = [(code, said, [self[_name(path)] for path in own]) for code, said, own in codes]
            has_errors = any(one.errors for *_rest, own in fields for one in own)
            yield {"title": title, "codes": fields, "has_errors": has_errors}


class PublishForm(PlainErrors, forms.Form):
    sure = forms.BooleanField(
        label=_("I have read what changes and whom it would hit, and I agree."),
        error_messages={"required": _("Read what changes, and say that you agree.")},
    )


class ReportForm(PlainErrors, forms.Form):
    """Nothing is asked that the person may not know: one answer is enough."""

    how = forms.ChoiceField(
        label=_("Where did they offer it to you?"), choices=Advert.choices, widget=forms.RadioSelect, required=False
    )
    dollars = forms.DecimalField(
        label=_("How many dollars did they ask for?"), required=False, min_value=0, max_value=20_000, decimal_places=2,
        widget=forms.TextInput(attrs={"inputmode": "decimal"}),
        error_messages={"invalid": _("Write only the number of dollars.")},
    )  # fmt: skip
    contact = forms.CharField(
        label=_("Who charges?"), help_text=_("Their phone, their e-mail, their page or their profile."), required=False,
        max_length=254,
    )  # fmt: skip
    consulate = forms.ModelChoiceField(
        label=_("For which office?"), queryset=Consulate.objects.none(), required=False, empty_label=_("I do not know")
    )
    reference = forms.CharField(
        label=_("Number of the appointment"), help_text=_("Only if you have one and want to tell us."), required=False,
        max_length=12,
    )  # fmt: skip
    words = forms.CharField(
        label=_("Tell us what happened"), help_text=_("Do not write your own name or your documents."), required=False,
        max_length=LONGEST_WORDS, widget=forms.Textarea(attrs={"rows": 5}),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        office = self.fields["consulate"]
        assert isinstance(office, forms.ModelChoiceField)  # noqa: S101 - for the type checker
        office.queryset = Consulate.objects.real().order_by("state", "city")

    def clean(self) -> dict[str, Any]:
        told = super().clean() or {}
        if not self.errors and not any(told.get(name) for name in ("how", "contact", "words")):
            raise ValidationError(_("Tell us at least where, who, or what happened."))
        return told


class ReportFilterForm(forms.Form):
    estado = forms.ChoiceField(label=_("State"), required=False, choices=[("", _("All")), *ReportState.choices])


class TriageForm(PlainErrors, forms.Form):
    what = forms.ChoiceField(
        label=_("What becomes of it?"),
        choices=[("link", _("It belongs to a case")), ("nothing", _("There is nothing to follow"))],
        widget=forms.RadioSelect,
    )
    case = forms.IntegerField(
        label=_("Number of the case"),
        required=False,
        min_value=1,
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
    )
    grade = forms.TypedChoiceField(
        label=_("How much is it worth, in bits?"),
        help_text=_("Your word for colleagues. It changes no score."),
        choices=[(bits, str(bits)) for bits in range(LEAST_GRADE, HIGHEST_GRADE + 1)],
        coerce=int,
        required=False,
    )
    note = forms.CharField(
        label=_("Why?"),
        help_text=_("One or two sentences, without names. It stays in the record."),
        max_length=LONGEST_NOTE,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def clean(self) -> dict[str, Any]:
        told = super().clean() or {}
        if told.get("what") == "link" and not told.get("case") and "case" not in self.errors:
            self.add_error("case", _("Write the number of the case."))
        return told
