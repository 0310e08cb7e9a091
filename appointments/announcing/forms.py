"""What somebody who wants news says."""

from datetime import datetime

from django import forms
from django.utils.translation import gettext_lazy as _

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

    def __init__(self, *args, now: datetime, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["oficina"].queryset = Consulate.objects.working_on(now.date()).order_by("city", "state")
        self.fields["oficina"].label_from_instance = lambda office: f"{office.city}, {office.state}"
        self.fields["tramite"].queryset = Procedure.objects.bookable()
        self.fields["tramite"].label_from_instance = lambda procedure: procedure.name
