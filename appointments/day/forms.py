"""The shape of what a clerk types for somebody who came without an appointment."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from appointments.forms import PersonForm
from appointments.services.day_walk_in import FreeTime
from consulates.models import Procedure, Session
from consulates.wording import clock
from mexitel.utils.forms import PlainErrors

OF_THE_DAY = ("slot", "tramite", "phone", "reason")


def _free(time: FreeTime, session: Session) -> str:
    places = ngettext("%(count)d place", "%(count)d places", time.free) % {"count": time.free}
    return f"{clock(time.starts_at, session.time_zone)} · {places}"


class WalkInForm(PlainErrors, PersonForm):
    """The next free time, the procedure, the person, and how to reach them or why not."""

    slot = forms.TypedChoiceField(label=_("Free time of today"), coerce=int)
    tramite = forms.ModelChoiceField(Procedure.objects.none(), label=_("Procedure"), empty_label=_("Choose one"))
    phone = forms.CharField(
        label=_("Telephone of the person"),
        help_text=_("Ten digits. Without a telephone, say why below."),
        max_length=30,
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "off"}),
    )
    reason = forms.CharField(
        label=_("Why without a telephone"),
        max_length=300,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    field_order = ["slot", "tramite"]

    def __init__(self, *args: Any, session: Session, times: Sequence[FreeTime], **kwargs: Any) -> None:
        offered = Procedure.objects.filter(sessions=session, max_applicants__gte=1, min_applicants=1).order_by("code")
        typed = args[0] if args and args[0] else {}
        chosen = str(typed.get("tramite", ""))
        procedure = offered.filter(pk=int(chosen)).first() if chosen.isascii() and chosen.isdigit() else None
        super().__init__(*args, procedure=procedure or Procedure(), session_day=session.date, **kwargs)
        self.fields["slot"].choices = [  # type: ignore[attr-defined]
            (time.slot_id, _free(time, session)) for time in times
        ]
        self.fields["tramite"].queryset = offered  # type: ignore[attr-defined]
        self.fields["tramite"].label_from_instance = lambda one: one.name  # type: ignore[attr-defined]

    def booking(self) -> dict[str, Any]:
        """As ``walk_in`` takes it."""
        typed = {name: self.cleaned_data.pop(name) for name in OF_THE_DAY}
        return {
            "slot_id": typed["slot"],
            "procedure_id": typed["tramite"].pk,
            "phone": typed["phone"],
            "reason": typed["reason"],
            "entry": self.entry(),
        }
