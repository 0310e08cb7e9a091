"""The shape of what people, agents and reviewers type about a cancellation."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from antifraud.forms import LONGEST_NOTE, LONGEST_WORDS
from antifraud.models import Verdict
from antifraud.redress.appealing import Found
from antifraud.redress.places import Place
from mexitel.utils.forms import DatePartsField, PlainErrors


class ReviewForm(PlainErrors, forms.Form):
    words = forms.CharField(
        label=_("Tell us what happened"),
        help_text=_("For example: who asked for the appointment, for whom it was, and whether somebody charged you."),
        max_length=LONGEST_WORDS,
        widget=forms.Textarea(attrs={"rows": 5}),
    )


class BornForm(PlainErrors, forms.Form):
    birth_date = DatePartsField(
        label=_("Date of birth of who attends"),
        help_text=_("As it is in the appointment."),
        error_messages={"required": _("Write the date of birth: day, month and year.")},
    )


class PlaceForm(PlainErrors, forms.Form):
    """``places`` are those on the page; another one is not there any more."""

    slot = forms.TypedChoiceField(
        label=_("Choose a time"),
        coerce=int,
        widget=forms.RadioSelect,
        error_messages={"invalid_choice": _("That time is gone. Choose another one.")},
    )

    def __init__(self, *args: Any, places: Sequence[Place], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["slot"].choices = [(place.slot_id, place.text) for place in places]  # type: ignore[attr-defined]


class CallerForm(PlainErrors, forms.Form):
    who = forms.CharField(
        label=_("Reference of the appointment, or the caller's phone"),
        help_text=_("In any spelling: the system compares."),
        max_length=60,
    )


class CallerReviewForm(PlainErrors, forms.Form):
    caller = forms.ChoiceField(
        label=_("Who calls?"),
        choices=[("booker", _("Who booked")), ("person", _("Who attends, and somebody else booked"))],
        widget=forms.RadioSelect,
    )
    words = forms.CharField(
        label=_("What happened, in the caller's words"),
        help_text=_("Write it as they say it, and read it back to them."),
        max_length=LONGEST_WORDS,
        widget=forms.Textarea(attrs={"rows": 5}),
    )


class DecideReviewForm(PlainErrors, forms.Form):
    found = forms.ChoiceField(
        label=_("Your decision"),
        choices=[
            (Found.MISTAKE, _("The decision was a mistake: everybody in it gets back what they lost")),
            (Found.THIS_ONE, _("This person is right; the decision about the others stays")),
            (Found.RIGHT, _("The decision stays")),
        ],
        widget=forms.RadioSelect,
    )
    answer = forms.CharField(
        label=_("What the person reads"),
        help_text=_("In plain words, in their language: what you looked at and why you decide so."),
        max_length=LONGEST_WORDS,
        widget=forms.Textarea(attrs={"rows": 4}),
    )


class LookForm(PlainErrors, forms.Form):
    verdict = forms.ChoiceField(
        label=_("What would you have decided?"),
        choices=[(one.value, capfirst(one.label)) for one in Verdict],
        widget=forms.RadioSelect,
    )
    note = forms.CharField(
        label=_("Why?"),
        help_text=_("One or two sentences, without names. It stays in the record."),
        max_length=LONGEST_NOTE,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
