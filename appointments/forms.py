from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from appointments.family import FAMILY, LARGEST_FAMILY, LARGEST_PARTY
from appointments.identities import CurpProblem, check_curp
from appointments.services import Entry
from appointments.services.applicants import ADULT_AGE, age_on
from appointments.services.hold import Wish
from consulates.models import Procedure
from consulates.places import point_text
from mexitel.utils.forms import DatePartsField

LARGEST_ID = 2**63 - 1

# As their speakers' organisations write them; published lists of the network name these first (guide: domain, 9).
INTERPRETERS = [
    ("", _("No, thank you")),
    ("nahuatl", "Náhuatl"),
    ("mixteco", "Mixteco"),
    ("zapoteco", "Zapoteco"),
    ("maya", "Maya"),
    ("triqui", "Triqui"),
    ("purepecha", "Purépecha"),
    ("mam", "Mam"),
    ("other", _("Another language")),
]


class WishForm(forms.Form):
    """A time that somebody tapped: ``slots`` is "12:2,13:1" (slot and seats), all for one procedure."""

    slots = forms.CharField(max_length=200)
    procedure = forms.SlugField(max_length=40)
    # What the room of a queue gave to whoever it let in (appointments/queueing/admission.py).
    turn = forms.CharField(max_length=200, required=False)
    # An appointment of the booker's that moves to this time, with those of its party.
    mover = forms.UUIDField(required=False)
    # The point that was searched for, to count how far people travel (appointments/demand/counting.py).
    near = forms.CharField(required=False)

    def clean_near(self) -> str:
        return point_text(self.cleaned_data["near"])

    def clean_slots(self) -> list[Wish]:
        wishes = []
        for pair in self.cleaned_data["slots"].split(","):
            slot, _colon, seats = pair.partition(":")
            if not (slot.isdecimal() and seats.isdecimal() and 0 < int(slot) <= LARGEST_ID):
                raise ValidationError(_("Choose a time from the list."))
            wishes.append(Wish(int(slot), int(seats)))
        if not 1 <= sum(wish.seats for wish in wishes) <= LARGEST_FAMILY or not all(wish.seats for wish in wishes):
            raise ValidationError(_("Choose times for one to eight people."))
        return wishes

    @property
    def party(self) -> int:
        return sum(wish.seats for wish in self.cleaned_data["slots"])

    @property
    def origin(self) -> str:
        """Whoever asked for more than five said that it is one family with minors: there is no other such choice."""
        return FAMILY if self.party > LARGEST_PARTY else ""


class PersonForm(forms.Form):
    """Who attends. Names stay as typed; a CURP is welcome and never necessary."""

    given_names = forms.CharField(
        label=_("Given names"),
        help_text=_("As they are on the birth certificate or passport."),
        max_length=100,
        error_messages={"required": _("Write the given names.")},
        widget=forms.TextInput(attrs={"autocomplete": "given-name"}),
    )
    surname_1 = forms.CharField(
        label=_("First surname"),
        max_length=100,
        error_messages={"required": _("Write the first surname.")},
        widget=forms.TextInput(attrs={"autocomplete": "family-name"}),
    )
    surname_2 = forms.CharField(
        label=_("Second surname"),
        help_text=_("Leave it empty if the person has only one."),
        max_length=100,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    birth_date = DatePartsField(
        label=_("Date of birth"),
        help_text=_("For example: 27 3 1985"),
        error_messages={"required": _("Write the date of birth: day, month and year.")},
    )
    curp = forms.CharField(
        label=_("CURP"),
        help_text=_("18 letters and numbers. If you do not have it at hand, leave it empty."),
        max_length=30,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
    )
    guardian_name = forms.CharField(
        label=_("Mother, father or guardian who comes with the minor"),
        help_text=_("Only for people under 18. Full name."),
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    wheelchair = forms.BooleanField(label=_("Uses a wheelchair or walks with difficulty"), required=False)
    sign_language = forms.BooleanField(label=_("Needs sign language"), required=False)
    interpreter = forms.ChoiceField(
        label=_("Do you need an interpreter of another language?"), choices=INTERPRETERS, required=False
    )
    priority = forms.BooleanField(
        label=_("Needs to be called first"),
        help_text=_(
            "For older adults, people with a disability, pregnant women, and people who speak only an indigenous"
            " language. You prove nothing and do not have to say why."
        ),
        required=False,
    )

    def __init__(self, *args: Any, procedure: Procedure, session_day: date, **kwargs: Any) -> None:
        self.procedure, self.session_day = procedure, session_day
        super().__init__(*args, **kwargs)

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or {}
        birth_date = typed.get("birth_date")
        if birth_date:
            self._check_age(birth_date, typed)
            self._check_curp(birth_date, typed)
        return typed

    def _check_age(self, birth_date: date, typed: dict[str, Any]) -> None:
        age = age_on(self.session_day, birth_date)
        if not self.procedure.allows_age(age):
            message = (
                _("On that day the person will be %(age)d years old. Choose the procedure for adults.")
                if age >= ADULT_AGE
                else _("On that day the person will be %(age)d years old. Choose the procedure for minors.")
            )
            self.add_error("birth_date", ValidationError(message, code="age", params={"age": age}))
        elif age < ADULT_AGE and not typed.get("guardian_name"):
            self.add_error("guardian_name", _("Write who comes with the minor: mother, father or guardian."))

    def _check_curp(self, birth_date: date, typed: dict[str, Any]) -> None:
        if not typed.get("curp"):
            return
        try:
            typed["curp"] = check_curp(typed["curp"], birth_date=birth_date)
        except CurpProblem as problem:
            messages = {
                "form": _("A CURP has 18 letters and numbers. Check it, or leave it empty."),
                "check_digit": _("One letter or number of the CURP is wrong. Check it, or leave it empty."),
                "birth_date": _("This CURP belongs to another date of birth. Check both, or leave the CURP empty."),
            }
            self.add_error("curp", messages[problem.code])

    def entry(self, *, applicant_id: int | None = None) -> Entry:
        """The checked answers. A minor's guardian is kept; an adult's is dropped."""
        typed = dict(self.cleaned_data)
        if age_on(self.session_day, typed["birth_date"]) >= ADULT_AGE:
            typed["guardian_name"] = ""
        return Entry(**typed, applicant_id=applicant_id)
