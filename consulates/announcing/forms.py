"""The filter of the public calendar: what is none of its choices is left out rather than refused."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from django import forms
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from consulates.models import Consulate, Procedure, ReleaseOffice, Session, SessionKind
from consulates.places import STATES


def offer_choices(form: forms.Form, *, now: datetime) -> None:
    """The offices that work now in ``oficina``, by city; what is booked here in ``tramite``."""
    office = cast(forms.ModelChoiceField, form.fields["oficina"])
    office.queryset = Consulate.objects.working_on(now.date()).order_by("city", "state")
    office.label_from_instance = lambda one: f"{one.city}, {one.state}"  # type: ignore[method-assign, assignment]
    procedure = cast(forms.ModelChoiceField, form.fields["tramite"])
    procedure.queryset = Procedure.objects.bookable()
    procedure.label_from_instance = lambda one: one.name  # type: ignore[method-assign, assignment]


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
            found &= Q(Exists(offices.filter(consulate=self.office)))
        if self.state:
            found &= Q(Exists(offices.filter(consulate__state=self.state))) | Q(Exists(own.filter(state=self.state)))
        if self.procedure:
            found &= Q(procedures=self.procedure)
        if self.kind:
            found &= Q(Exists(own.filter(kind=self.kind)))
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

    def __init__(self, *args: Any, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer_choices(self, now=now)
        states = [("", _("All states")), *sorted(STATES.items(), key=lambda one: one[1])]
        cast(forms.ChoiceField, self.fields["estado"]).choices = states

    def chosen(self) -> Filter:
        self.is_valid()
        found = self.cleaned_data
        return Filter(found.get("oficina"), found.get("estado") or "", found.get("tramite"), found.get("clase") or "")
