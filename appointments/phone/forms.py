"""The shapes of what an agent types. The people's data have the form of the web (appointments/forms.py)."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from appointments.enums import Channel
from appointments.forms import PersonForm
from appointments.models import Hold
from appointments.phone.finding import Question
from appointments.phone.recovery import Answers
from appointments.selectors import HeldParty
from appointments.services import Entry
from appointments.services.applicants import is_same_person
from consulates.forms import SearchForm
from consulates.models import Consulate
from mexitel.accounts.addresses import clean_email
from mexitel.accounts.forms import PhoneField
from mexitel.utils.forms import DatePartsField, PlainErrors

NARROW = {"autocomplete": "off", "class": "govuk-input--width-20", "spellcheck": "false"}


def birth_date(label: Any, **options: Any) -> DatePartsField:
    return DatePartsField(label=label, required=False, **options)


class CallForm(PlainErrors, forms.Form):
    """The first page: the call, and who is on it."""

    channel = forms.ChoiceField(
        label=_("Where is the person?"),
        choices=[(Channel.PHONE, _("On the telephone")), (Channel.COUNTER, _("At the counter"))],
        widget=forms.RadioSelect,
    )
    reference = forms.CharField(
        label=_("Reference of the call"),
        help_text=_("Leave it empty and we make one."),
        required=False,
        max_length=40,
        widget=forms.TextInput(attrs=NARROW),
    )
    who = forms.CharField(
        label=_("E-mail, phone, or reference of an appointment"),
        help_text=_("Whole, as the person says it. A number that only shows on your telephone proves nothing."),
        max_length=254,
        widget=forms.TextInput(attrs=NARROW | {"autofocus": True}),
        error_messages={"required": _("Write an e-mail, a phone or a reference.")},
    )
    born = birth_date(
        _("Birth date of somebody with an appointment"),
        help_text=_("With a reference it is needed. With an e-mail or phone it spares the code."),
    )

    def question(self) -> Question:
        return Question(self.cleaned_data["who"], self.cleaned_data["born"])


class FactForm(PlainErrors, forms.Form):
    """One more fact about a caller who was found by e-mail or phone alone."""

    born = DatePartsField(label=_("Birth date of somebody with an appointment"))


class WishForm(PlainErrors, SearchForm):
    """What the caller wants to hear about; as on the public search, in few words."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["tramite"].label = _("Procedure")
        self.fields["lugar"].label = _("ZIP code, or city and state")
        self.fields["lugar"].help_text = ""
        self.fields["lugar"].widget.attrs = dict(NARROW)
        self.fields["personas"].label = _("How many people")
        self.fields["personas"].help_text = ""
        self.fields["fin_de_semana"].label = _("Only Saturday or Sunday")
        self.fields["orden"].label = _("First")
        self.fields["orden"].required = False


class RegisterForm(PlainErrors, forms.Form):
    """Somebody who is not known yet. Without a phone: why, and who it is."""

    phone = forms.CharField(
        label=_("The phone that the person gives"),
        help_text=_("Two appointments at most until a code proves it; five then."),
        required=False,
        max_length=40,
        widget=forms.TextInput(attrs=NARROW | {"inputmode": "tel"}),
    )
    reason = forms.CharField(
        label=_("If there is no phone and no e-mail: why"),
        help_text=_("For example: lives in a shelter. One appointment, for the person below."),
        required=False,
        max_length=300,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    given_names = forms.CharField(
        label=_("Given names"), required=False, max_length=100, widget=forms.TextInput(NARROW)
    )
    surname_1 = forms.CharField(
        label=_("First surname"), required=False, max_length=100, widget=forms.TextInput(NARROW)
    )
    surname_2 = forms.CharField(
        label=_("Second surname"), required=False, max_length=100, widget=forms.TextInput(NARROW)
    )
    born = birth_date(_("Date of birth"))

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or {}
        if typed.get("phone"):
            return typed
        needed = {
            "reason": _("Write the phone, or why there is none."),
            "given_names": _("Without a phone, write the given names."),
            "surname_1": _("Without a phone, write the first surname."),
            "born": _("Without a phone, write the date of birth."),
        }
        for name, sentence in needed.items():
            if not typed.get(name) and name not in self.errors:
                self.add_error(name, sentence)
        return typed


class CompactPersonForm(PersonForm):
    """The web's own form, with its help left out: the agent knows it by heart."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.help_text = ""
            if name != "birth_date":
                field.widget.attrs["autocomplete"] = "off"
        self.fields["guardian_name"].label = _("Who comes with the minor")
        self.fields["interpreter"].label = _("Interpreter")


class Seating:
    """The forms of everybody who attends: place in the party and number within the appointment, both from 1."""

    def __init__(
        self, held: Hold, party: HeldParty, *, typed: dict[int, list[Entry]], extra: dict[int, int], data: Any = None
    ) -> None:
        self.held = held
        procedure = held.procedure
        self.forms: dict[tuple[int, int], CompactPersonForm] = {}
        for place in range(1, held.party + 1):
            known = typed.get(place, [])
            count = max(procedure.min_applicants, len(known), extra.get(place, 0))
            for number in range(1, min(count, procedure.max_applicants) + 1):
                entry = known[number - 1] if number <= len(known) else None
                self.forms[place, number] = CompactPersonForm(
                    data,
                    initial=vars(entry) if entry else None,
                    prefix=f"p{place}-{number}",
                    procedure=procedure,
                    session_day=party.day,
                    auto_id="id_%s",
                )
        self.typed = typed

    def is_valid(self) -> bool:
        """Every form, and nobody twice."""
        right = [form.is_valid() for form in self.forms.values()]
        return all(right) and self._nobody_twice()

    def entries(self) -> dict[int, list[Entry]]:
        """The people, each as the saved person that the same place had before, if they are still the same."""
        found: dict[int, list[Entry]] = {}
        for (place, number), form in self.forms.items():
            before = self.typed.get(place, [])[number - 1 : number]
            entry = form.entry()
            if before and before[0].applicant_id and is_same_person(before[0], entry):
                entry = form.entry(applicant_id=before[0].applicant_id)
            found.setdefault(place, []).append(entry)
        return found

    def _nobody_twice(self) -> bool:
        seen: list[tuple[int, int, Entry]] = []
        for (place, number), form in self.forms.items():
            entry = form.entry()
            if any(is_same_person(entry, other) and (place == at or number == nth == 1) for at, nth, other in seen):
                form.add_error("given_names", _("This person is there already. Write somebody else's name."))
                return False
            seen.append((place, number, entry))
        return True

    @property
    def places(self) -> list[dict[str, Any]]:
        """For the page: each appointment with its forms."""
        most = self.held.procedure.max_applicants
        rows = []
        for place in range(1, self.held.party + 1):
            forms_here = [(number, form) for (at, number), form in self.forms.items() if at == place]
            rows.append({"place": place, "forms": forms_here, "count": len(forms_here), "room": len(forms_here) < most})
        return rows

    @property
    def errors(self) -> list[dict[str, str]]:
        """For the summary on top of the page."""
        return [
            {"text": str(message), "href": f"#id_{form.prefix}-{name}{'_day' if name == 'birth_date' else ''}"}
            for form in self.forms.values()
            for name, messages in form.errors.items()
            for message in messages
        ]


class CodeForm(PlainErrors, forms.Form):
    code = forms.CharField(
        label=_("The six digits that the person says"),
        max_length=20,
        widget=forms.TextInput(
            attrs={"inputmode": "numeric", "autocomplete": "off", "class": "govuk-input--width-10", "autofocus": True}
        ),
    )


class NumberForm(PlainErrors, forms.Form):
    phone = PhoneField(label=_("Mobile phone to verify"), help_text=_("We send it a code; the person says it to you."))


class AnswersForm(PlainErrors, forms.Form):
    """The script of a recovery, in the order in which it is asked."""

    reference = forms.CharField(
        label=_("1. “What is the reference of one of your appointments?”"),
        required=False,
        max_length=20,
        widget=forms.TextInput(attrs=NARROW),
    )
    name = forms.CharField(
        label=_("2. “What is the full name of somebody who attends?”"),
        required=False,
        max_length=300,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    born = birth_date(_("3. “When was that person born?”"))
    office = forms.ModelChoiceField(
        Consulate.objects.real().order_by("state", "city"),
        label=_("4. “In which office was one of your appointments?”"),
        required=False,
        empty_label=_("Does not know"),
        to_field_name="code",
    )
    contact = forms.CharField(
        label=_("5. “What is the e-mail or phone that you used until now?”"),
        required=False,
        max_length=254,
        widget=forms.TextInput(attrs=NARROW),
    )

    def answers(self) -> Answers:
        return Answers(**self.cleaned_data)


class NewContactForm(PlainErrors, forms.Form):
    """``by_phone``: an account that signs in with its phone may get another one; the others get another e-mail."""

    contact = forms.CharField(max_length=254, widget=forms.TextInput(attrs=NARROW))

    def __init__(self, *args: Any, by_phone: bool, **kwargs: Any) -> None:
        self.by_phone = by_phone
        super().__init__(*args, **kwargs)
        self.fields["contact"].label = _("New e-mail or mobile phone") if by_phone else _("New e-mail")
        self.fields["contact"].error_messages["required"] = _("Write the new contact.")

    def clean_contact(self) -> str:
        typed = self.cleaned_data["contact"]
        if "@" in typed:
            return clean_email(typed)
        if not self.by_phone:
            raise ValidationError(_("This account signs in with an e-mail: write a new e-mail."), code="email")
        return PhoneField().clean(typed)


def only_errors(forms_of_page: Sequence[forms.Form]) -> list[dict[str, str]]:
    """The errors of several forms for one summary."""
    return [
        {"text": str(message), "href": f"#{form[name].auto_id}" if name in form.fields else ""}
        for form in forms_of_page
        for name, messages in form.errors.items()
        for message in messages
    ]
