"""What somebody who wants news says."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from consulates.announcing.forms import offer_choices
from consulates.models import Consulate, Procedure


class AlertForm(forms.Form):
    oficina = forms.ModelChoiceField(
        Consulate.objects.none(), to_field_name="code", label=_("Office"), empty_label=_("Choose an office"),
        error_messages={"required": _("Choose an office."), "invalid_choice": _("Choose an office of the list.")},
    )  # fmt: skip
    tramite = forms.ModelChoiceField(
        Procedure.objects.none(), to_field_name="code", required=False, label=_("Procedure"),
        empty_label=_("All procedures"), error_messages={"invalid_choice": _("Choose a procedure of the list.")},
    )  # fmt: skip
    antes = forms.BooleanField(required=False, label=_("Remind me an hour before it opens, too"))

    def __init__(self, *args: Any, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer_choices(self, now=now)
