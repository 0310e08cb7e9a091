"""The shape of what is typed about staff and their roles; who may give what is decided by the services."""

from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from consulates.calendars import to_utc
from consulates.models import Consulate, Role
from consulates.models.role import ZONE_OF_THE_NETWORK
from consulates.services.people import Reach
from mexitel.accounts.addresses import clean_email
from mexitel.utils.forms import DatePartsField, PlainErrors
from mexitel.utils.time import now

NETWORK = "network"
FURTHEST = timedelta(days=3650)

# What the services refuse, by code.
SENTENCES = {
    "may_not_give": _("Your role does not let you give or end this role there. Ask an administrator."),
    "own_roles": _("Nobody changes their own roles. Ask a colleague who may."),
    "role_held": _("This person has that role there already."),
    "role_over": _("That role had already ended."),
    "last_administrator": _("This is the last administrator. Give the role to somebody else first."),
    "wrong_times": _("The role ends before it begins, or is over already. Check the dates."),
    "too_many_invitations": _("You sent many invitations in a short time. Wait an hour and try again."),
    "citizens_account": _(
        "That e-mail is a citizen's account. It never becomes a staff account: ask the person for another e-mail, for"
        " example the one of the office."
    ),
    "has_arrived": _("This person has already chosen a password and needs no new link."),
    "recovery_open": _("A recovery is open for this person already. A colleague has to sign it."),
    "recovery_over": _("This recovery is over: it was signed, withdrawn, or is older than a day."),
    "one_alone": _("Two different people are needed, and neither may be the one who lost the second factor."),
}


class ReasonForm(PlainErrors, forms.Form):
    reason = forms.CharField(
        label=_("Reason"), max_length=200, help_text=_("One sentence. It stays in the record of who did what.")
    )


class RoleForm(PlainErrors, forms.Form):
    """``given`` is what the actor may give (services.people.reach); other choices are not offered."""

    role = forms.ChoiceField(label=_("Role"))
    office = forms.ChoiceField(label=_("Where"))
    starts = DatePartsField(label=_("From"), required=False, help_text=_("Leave it empty to begin now."))
    ends = DatePartsField(
        label=_("Until"), required=False, help_text=_("The last day, included. Leave it empty if there is no end.")
    )
    reason = forms.CharField(
        label=_("Reason"), max_length=200, help_text=_("One sentence. It stays in the record of who did what.")
    )

    def __init__(self, *args: Any, given: Reach, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offices = {office.code: office for office in _offices(given)}
        self.fields["role"].choices = [("", _("Choose one")), *((r.value, r.label) for r in Role if r in given)]  # type: ignore[attr-defined]
        network = [(NETWORK, _("The whole network"))] if any(ids is None for ids in given.values()) else []
        offices = [(code, office.name) for code, office in self.offices.items()]
        self.fields["office"].choices = [*([("", _("Choose one"))] if len(offices) != 1 else []), *network, *offices]  # type: ignore[attr-defined]
        last = (now() + FURTHEST).date()
        for name in ("starts", "ends"):
            self.fields[name].last_day = last  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or {}
        role, where = typed.get("role"), typed.get("office")
        if role in Role.of_the_network() and where and where != NETWORK:
            self.add_error("office", _("This role is of the whole network."))
        return typed

    def terms(self, *, now: datetime) -> dict[str, Any]:
        """What the services take; days in the office's own zone."""
        office = self.offices.get(self.cleaned_data["office"])
        zone = office.time_zone if office else ZONE_OF_THE_NETWORK
        starts, ends = self.cleaned_data["starts"], self.cleaned_data["ends"]
        return {
            "role": Role(self.cleaned_data["role"]),
            "office": office,
            "starts_at": max(now, _midnight(starts, zone)) if starts else now,
            "ends_at": _midnight(ends + timedelta(days=1), zone) if ends else None,
            "reason": self.cleaned_data["reason"],
        }


class InviteForm(RoleForm):
    email = forms.CharField(
        label=_("E-mail"),
        max_length=254,
        help_text=_("The link to come in goes to this address."),
        widget=forms.EmailInput(attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}),
    )
    field_order = ["email", "role", "office", "starts", "ends", "reason"]

    def clean_email(self) -> str:
        return clean_email(self.cleaned_data["email"])


class PeopleFilter(forms.Form):
    """In the address; what does not fit is left out."""

    oficina = forms.CharField(required=False, max_length=40)
    funcion = forms.ChoiceField(required=False, choices=[("", ""), *Role.choices])
    buscar = forms.CharField(required=False, max_length=100)


def add_refusal(form: forms.Form, code: str) -> None:
    form.add_error(None, ValidationError(SENTENCES[code], code=code))


def _midnight(day: date, zone: str) -> datetime:
    """The day's first moment in that zone; no zone of an office changes its clock at midnight."""
    return to_utc(day, time(0), zone)


def _offices(given: Reach) -> list[Consulate]:
    everywhere = any(ids is None for ids in given.values())
    ids = {pk for found in given.values() for pk in found or ()}
    offices = Consulate.objects.real() if everywhere else Consulate.objects.real().filter(pk__in=ids)
    return list(offices.order_by("state", "city"))
