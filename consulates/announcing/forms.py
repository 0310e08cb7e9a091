"""The filter of the public calendar: what is none of its choices is left out rather than refused."""

from dataclasses import dataclass
from datetime import datetime

from django import forms
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from consulates.models import Consulate, Procedure, ReleaseOffice, Session, SessionKind
from consulates.places import STATES


@dataclass(frozen=True)
class Filter:
    office: Consulate | None = None
    state: str = ""
    procedure: Procedure | None = None
    kind: str = ""

    def __bool__(self) -> bool:
        return bool(self.office or self.state or self.procedure or self.kind)

    def as_q(self) -> Q:
        """Of Release. By state: its offices there, and its sessions in towns there."""
        own = Session.objects.filter(release=OuterRef("pk"))
        offices = ReleaseOffice.objects.filter(release=OuterRef("pk"))
        found = Q()
        if self.office:
            found &= Exists(offices.filter(consulate=self.office))
        if self.state:
            found &= Exists(offices.filter(consulate__state=self.state)) | Exists(own.filter(state=self.state))
        if self.procedure:
            found &= Q(procedures=self.procedure)
        if self.kind:
            found &= Exists(own.filter(kind=self.kind))
        return found


class FilterForm(forms.Form):
    oficina = forms.ModelChoiceField(
        Consulate.objects.none(), to_field_name="code", required=False, label=_("Office"), empty_label=_("All offices")
    )
    estado = forms.ChoiceField(required=False, label=_("State"))
    tramite = forms.ModelChoiceField(
        Procedure.objects.none(), to_field_name="code", required=False, label=_("Procedure"),
        empty_label=_("All procedures"),
    )  # fmt: skip
    clase = forms.ChoiceField(
        required=False, label=_("Kind of session"), choices=[("", _("All kinds")), *SessionKind.choices]
    )

    def __init__(self, *args, now: datetime, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        offices = Consulate.objects.working_on(now.date()).order_by("city", "state")
        self.fields["oficina"].queryset = offices
        self.fields["oficina"].label_from_instance = lambda office: f"{office.city}, {office.state}"
        self.fields["tramite"].queryset = Procedure.objects.bookable()
        self.fields["tramite"].label_from_instance = lambda procedure: procedure.name
        self.fields["estado"].choices = [("", _("All states")), *sorted(STATES.items(), key=lambda one: one[1])]

    def chosen(self) -> Filter:
        self.is_valid()
        found = self.cleaned_data
        return Filter(found.get("oficina"), found.get("estado") or "", found.get("tramite"), found.get("clase") or "")
