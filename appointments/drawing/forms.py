"""The shape of an application, one question to a page."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from appointments.drawing.shown import Offered, seats_in_words
from appointments.models import DaysWanted, HalfWanted
from consulates.models import Procedure
from consulates.places import Found, PlaceUnknown, find_place
from consulates.selectors.search import miles_between
from consulates.wording import miles, short_date
from mexitel.utils.forms import PlainErrors

DISTANCES = [("50", _("up to 50 miles")), ("150", _("up to 150 miles")), ("300", _("up to 300 miles"))]


class WhatForm(PlainErrors, forms.Form):
    procedure = forms.ChoiceField(
        label=_("Which procedure is it for?"),
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose a procedure."), "invalid_choice": _("Choose one of the list.")},
    )

    def __init__(self, *args: Any, procedures: Sequence[Procedure], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.procedures = {procedure.code: procedure for procedure in procedures}
        self.fields["procedure"].choices = [(one.code, one.name) for one in procedures]  # type: ignore[attr-defined]

    @property
    def chosen(self) -> Procedure:
        return self.procedures[self.cleaned_data["procedure"]]


class NearForm(PlainErrors, forms.Form):
    """Sorts the offices by how far they are; nobody keeps what was typed."""

    place = forms.CharField(label=_("ZIP code or city"), max_length=80, required=False)
    within = forms.ChoiceField(label=_("How far can you travel?"), choices=DISTANCES, required=False)

    def clean_place(self) -> Found | None:
        typed = self.cleaned_data["place"]
        try:
            return find_place(typed) if typed.strip() else None
        except PlaceUnknown as unknown:
            raise ValidationError(str(unknown.sentence)) from unknown


class WhereForm(PlainErrors, forms.Form):
    """The offices that suit, the best first: the nearest, when a place was told, else as they are listed."""

    offices = forms.MultipleChoiceField(
        label=_("Which offices can you go to?"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one office."), "invalid_choice": _("Choose from the list.")},
    )

    def __init__(self, *args: Any, offered: Sequence[Offered], near: Found | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        seats: dict = {}
        for one in offered:
            seats[one.office] = seats.get(one.office, 0) + one.seats
        self.distances = {
            office.pk: miles_between((near.latitude, near.longitude), (float(office.latitude), float(office.longitude)))
            for office in seats
            if near
        }
        self.order = sorted(seats, key=lambda office: (self.distances.get(office.pk, 0), office.state, office.city))
        self.fields["offices"].choices = [  # type: ignore[attr-defined]
            (str(office.pk), self._label(office, seats[office])) for office in self.order
        ]

    def _label(self, office: Any, seats: int) -> str:
        far = f", {miles(self.distances[office.pk])}" if office.pk in self.distances else ""
        return f"{office.city}, {office.state}{far} · {seats_in_words(seats)}"

    def within(self, most: float) -> list[str]:
        """Those that are no farther, to be ticked at first."""
        return [str(pk) for pk, far in self.distances.items() if far <= most]

    @property
    def chosen(self) -> list[int]:
        wanted = set(self.cleaned_data["offices"])
        return [office.pk for office in self.order if str(office.pk) in wanted]


class WhenForm(PlainErrors, forms.Form):
    days = forms.ChoiceField(
        label=_("Which days suit you?"),
        choices=DaysWanted.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose which days suit you."), "invalid_choice": _("Choose one of the list.")},
    )
    chosen = forms.MultipleChoiceField(
        label=_("Only if you choose days: which?"),
        widget=forms.CheckboxSelectMultiple,
        required=False,
        error_messages={"invalid_choice": _("Choose days of the list.")},
    )
    half = forms.ChoiceField(
        label=_("At what hour?"),
        choices=HalfWanted.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose at what hour."), "invalid_choice": _("Choose one of the list.")},
    )
    first = forms.ChoiceField(
        label=_("What counts more for you?"),
        choices=[("office", _("The nearest office of my list")), ("day", _("The soonest day"))],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what counts more."), "invalid_choice": _("Choose one of the list.")},
    )

    def __init__(self, *args: Any, offered: Sequence[Offered], offices: Sequence[int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offered = sorted({one.day for one in offered if one.office.pk in offices})
        self.fields["chosen"].choices = [(day.isoformat(), short_date(day)) for day in self.offered]  # type: ignore[attr-defined]
        if len(offices) < 2:
            del self.fields["first"]

    def clean(self) -> dict:
        typed = super().clean() or {}
        if typed.get("days") == DaysWanted.CHOSEN and not typed.get("chosen") and "chosen" not in self.errors:
            self.add_error("chosen", _("Choose at least one day."))
        return typed
