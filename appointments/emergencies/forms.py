"""The shape of what people type about an emergency: the person, the agent for a caller, the officer, the reviewer."""

from datetime import date, timedelta
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from appointments.emergencies.asking import Plea
from appointments.emergencies.offers import Offer
from appointments.models import EmergencyKind, EmergencyRequest, SampledRequest, WhyNot
from consulates.forms import ProcedureField
from consulates.models import Consulate
from consulates.selectors import bookable_procedures
from mexitel.utils.forms import DatePartsField, PlainErrors

FURTHEST = timedelta(days=60)
LONGEST = 2000


class OfficeField(forms.ModelChoiceField):
    def __init__(self, queryset: QuerySet[Consulate], **options: Any) -> None:
        super().__init__(queryset, to_field_name="code", empty_label=_("Choose one"), **options)

    def to_python(self, value: Any) -> Consulate | None:
        if isinstance(value, str) and "\x00" in value:
            raise ValidationError(self.error_messages["invalid_choice"], code="invalid_choice")
        return super().to_python(value)

    def label_from_instance(self, office: Consulate) -> str:
        return f"{office.city}, {office.state}"


class PleaForm(PlainErrors, forms.Form):
    """Where, what, why, until when. ``today`` is the day in the earliest zone of the network."""

    kind = forms.ChoiceField(
        label=_("What happened?"),
        choices=EmergencyKind.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what happened."), "invalid_choice": _("Choose what happened.")},
    )
    words = forms.CharField(
        label=_("Tell us in your own words"),
        help_text=_("Two or three sentences are enough. Do not write about your migratory status."),
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 5}),
        error_messages={
            "required": _("Tell us what happened, in a few words."),
            "max_length": _("That is too long. Tell us the most important."),
        },
    )
    procedure = ProcedureField()
    consulate = OfficeField(
        Consulate.objects.none(),
        label=_("Which office can you go to?"),
        error_messages={
            "required": _("Choose the office."),
            "invalid_choice": _("Choose an office of the list."),
        },
    )
    needed_by = DatePartsField(
        label=_("By when do you need it?"),
        help_text=_("The day of the flight, the funeral, the operation …"),
        error_messages={
            "required": _("Write by when you need it: day, month and year."),
            "future": _("That day is far away. For it you can book an ordinary appointment."),
        },
    )

    def __init__(self, *args: Any, today: date, offices: QuerySet[Consulate] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        cast(forms.ModelChoiceField, self.fields["procedure"]).queryset = bookable_procedures().filter(min_applicants=1)
        cast(forms.ModelChoiceField, self.fields["consulate"]).queryset = (
            Consulate.objects.working_on(today) if offices is None else offices
        )
        needed_by = cast(DatePartsField, self.fields["needed_by"])
        needed_by.first_year, needed_by.last_day = today.year, today + FURTHEST

    def clean_needed_by(self) -> date:
        day = self.cleaned_data["needed_by"]
        if day < self.today:
            raise ValidationError(_("That day is over. Write the day by which you need it."))
        return day

    def plea(self) -> Plea:
        return Plea(**{name: self.cleaned_data[name] for name in Plea.__dataclass_fields__})

    @staticmethod
    def told(request: EmergencyRequest) -> dict:
        """What a draft says, as initial values."""
        return {
            "kind": request.kind,
            "words": request.words,
            "procedure": request.procedure.code,
            "consulate": request.consulate.code,
            "needed_by": request.needed_by,
        }


class GrantForm(PlainErrors, forms.Form):
    """Yes: when, on which seats, why, and what the person should know."""

    time = forms.ChoiceField(
        label=_("Time to give"),
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose a time."), "invalid_choice": _("That time is gone. Choose another one.")},
    )
    reason = forms.CharField(
        label=_("Why yes"),
        help_text=_("It stays in the list of seats given outside the public pool. Without names."),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": _("Write why you give the seat.")},
    )
    answer = forms.CharField(
        label=_("A word to the person"),
        required=False,
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, *args: Any, offers: list[Offer], **kwargs: Any) -> None:
        super().__init__(*args, prefix="si", **kwargs)
        self.offers = {offer.value: offer for offer in offers}
        cast(forms.ChoiceField, self.fields["time"]).choices = [(offer.value, _offer_text(offer)) for offer in offers]

    @property
    def offer(self) -> Offer:
        return self.offers[self.cleaned_data["time"]]


class SignForm(GrantForm):
    """The second signature: only the time can be another one."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["reason"], self.fields["answer"]


class NotSignedForm(PlainErrors, forms.Form):
    reason = forms.CharField(
        label=_("Why you do not sign"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": _("Write why you do not sign.")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, prefix="no", **kwargs)


class RefuseForm(PlainErrors, forms.Form):
    """No: a why of the list, and words of the officer's own."""

    why = forms.ChoiceField(
        label=_("Why not"),
        choices=WhyNot.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose why not."), "invalid_choice": _("Choose why not.")},
    )
    answer = forms.CharField(
        label=_("Your words to the person"),
        help_text=_("They read it as you write it. Say what they can do now."),
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": _("Write some words to the person.")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, prefix="no", **kwargs)


class CallerForm(PlainErrors, forms.Form):
    """Who calls: by the reference of an appointment, or by a phone that an account has verified."""

    who = forms.CharField(
        label=_("Reference of an appointment, or phone of the caller"),
        max_length=40,
        error_messages={
            "required": _("Write the reference or the phone."),
            "null_characters_not_allowed": _("Write the reference or the phone."),
        },
    )


class RuleForm(PlainErrors, forms.Form):
    """What one signature covers in an office, and its clock."""

    daily_grants = forms.IntegerField(
        label=_("Seats a day that one signature covers"),
        min_value=0,
        max_value=200,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "class": "govuk-input--width-4"}),
    )
    target_hours = forms.IntegerField(
        label=_("Working hours to the answer"),
        min_value=1,
        max_value=40,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "class": "govuk-input--width-4"}),
    )
    reason = forms.CharField(
        label=_("Why it changes"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": _("Write why it changes.")},
    )


class FindingForm(PlainErrors, forms.Form):
    finding = forms.ChoiceField(
        label=_("What do you find?"),
        choices=SampledRequest.Finding.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose one."), "invalid_choice": _("Choose one.")},
    )
    note = forms.CharField(
        label=_("Why"),
        help_text=_("Without names."),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Write why, in a sentence.")},
    )


def _offer_text(offer: Offer) -> str:
    pool = _("emergency seats") if offer.pool == "emergency" else _("staff seats")
    return f"{offer.text} · {pool}: {offer.free}"
