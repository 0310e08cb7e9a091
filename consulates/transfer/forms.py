from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from mexitel.utils.forms import DatePartsField, PlainErrors

from .reader import MAX_BYTES, too_large
from .saving import OFFICES, SESSIONS
from .writer import KINDS


class UploadForm(PlainErrors, forms.Form):
    subject = forms.ChoiceField(label=_("What does the file have?"), widget=forms.RadioSelect)
    file = forms.FileField(
        label=_("File"),
        help_text=_("CSV in UTF-8 (with commas or semicolons) or XLSX, %(size)s MB at most.")
        % {"size": MAX_BYTES // 1_000_000},
        widget=forms.FileInput(attrs={"accept": ".csv,.xlsx"}),
        error_messages={"required": _("Choose a file."), "empty": _("The file is empty.")},
    )

    def __init__(self, *args: Any, with_offices: bool, **options: Any) -> None:
        super().__init__(*args, **options)
        choices = [(SESSIONS, _("Sessions"))] + ([(OFFICES, _("New offices"))] if with_offices else [])
        self.fields["subject"].choices = choices  # type: ignore[attr-defined]
        self.fields["subject"].initial = SESSIONS

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > MAX_BYTES:
            raise forms.ValidationError(too_large().sentence)
        return file


class ExportForm(PlainErrors, forms.Form):
    """An address that is followed: GET."""

    subject = forms.ChoiceField(choices=[(SESSIONS, ""), (OFFICES, "")], required=False)
    kind = forms.ChoiceField(
        label=_("Format"), choices=[(kind, kind.upper()) for kind in KINDS], initial="csv", widget=forms.RadioSelect
    )
    first = DatePartsField(label=_("From"), first_year=2020, last_day=date(2100, 1, 1))
    last = DatePartsField(label=_("To"), first_year=2020, last_day=date(2100, 1, 1))
