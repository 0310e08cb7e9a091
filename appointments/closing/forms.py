"""What staff type when less is open than was promised."""

from datetime import date, timedelta
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from appointments.enums import Channel
from appointments.models.closure import CallOutcome
from consulates.calendars import CalendarError, to_utc
from consulates.models import Consulate, Procedure, Session
from consulates.services.changes import NewHours
from mexitel.utils.forms import PlainErrors

LONGEST_DAYS = 62
SHORTEST_REASON = 5


def date_input() -> forms.DateInput:
    return forms.DateInput(format="%Y-%m-%d", attrs={"type": "date", "class": "govuk-input--width-10"})


def time_input() -> forms.TimeInput:
    return forms.TimeInput(format="%H:%M", attrs={"type": "time", "class": "govuk-input--width-10"})


class DaysForm(PlainErrors, forms.Form):
    """Which sessions: of some days, of one place when it is chosen."""

    desde = forms.DateField(label=_("First day"), widget=date_input())
    hasta = forms.DateField(
        label=_("Last day"), help_text=_("The same day to close one day only."), widget=date_input()
    )
    lugar = forms.ChoiceField(label=_("Place"), required=False)

    def __init__(self, *args: Any, office: Consulate, sessions: list[Session], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        places = {place_key(session): place_name(session, office) for session in sessions}
        everywhere = ("", _("The office and all its stops"))
        cast(forms.ChoiceField, self.fields["lugar"]).choices = [everywhere, *sorted(places.items())]
        self.sessions = sessions

    def clean(self) -> dict:
        data = super().clean() or {}
        first, last = data.get("desde"), data.get("hasta")
        if first and last and last < first:
            self.add_error("hasta", _("The last day comes after the first."))
        elif first and last and last - first > timedelta(days=LONGEST_DAYS):
            self.add_error("hasta", _("Two months at most in one act."))
        return data

    def chosen(self) -> list[Session]:
        data = self.cleaned_data
        return [
            session
            for session in self.sessions
            if data["desde"] <= session.date <= data["hasta"]
            and (not data["lugar"] or place_key(session) == data["lugar"])
        ]


def place_key(session: Session) -> str:
    return f"{session.city}|{session.place_name}"


def place_name(session: Session, office: Consulate) -> str:
    return f"{session.place_name}, {session.city}" if session.place_name else office.name


class ReasonForm(PlainErrors, forms.Form):
    """Why, in words for the people; ``counted`` is the number that was on the page."""

    reason_es = forms.CharField(
        label=_("Reason for the people, in Spanish"),
        help_text=_("They read it in the message. For example: Hay una tormenta."),
        min_length=SHORTEST_REASON,
        max_length=200,
    )
    reason_en = forms.CharField(
        label=_("Reason for the people, in English"),
        help_text=_("For example: There is a storm."),
        min_length=SHORTEST_REASON,
        max_length=200,
    )
    counted = forms.IntegerField(min_value=0, widget=forms.HiddenInput, required=False)


class HoursForm(PlainErrors, forms.Form):
    abre = forms.TimeField(label=_("Opens at"), widget=time_input())
    cierra = forms.TimeField(label=_("Closes at"), widget=time_input())
    ventanillas = forms.IntegerField(
        label=_("Windows"),
        min_value=1,
        max_value=200,
        widget=forms.NumberInput(attrs={"class": "govuk-input--width-4"}),
    )
    minutos = forms.IntegerField(
        label=_("Minutes for each appointment"),
        min_value=5,
        max_value=240,
        widget=forms.NumberInput(attrs={"class": "govuk-input--width-4"}),
    )

    def __init__(self, *args: Any, session: Session, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.session = session

    @staticmethod
    def of(session: Session) -> dict:
        return {
            "abre": session.opens_local,
            "cierra": session.closes_local,
            "ventanillas": session.windows,
            "minutos": session.slot_minutes,
        }

    def clean(self) -> dict:
        data = super().clean() or {}
        if self.errors:
            return data
        if data["cierra"] <= data["abre"]:
            raise ValidationError({"cierra": _("The session closes after it opens.")})
        for name in ("abre", "cierra"):
            try:
                to_utc(self.session.date, data[name], self.session.time_zone)
            except CalendarError:
                self.add_error(name, _("On that day the clocks change: this time does not exist, or exists twice."))
        if not self.errors:
            try:
                self.hours.slots(self.session)
            except CalendarError:
                self.add_error("minutos", _("Not one appointment fits in these hours."))
        return data

    @property
    def hours(self) -> NewHours:
        data = self.cleaned_data
        return NewHours(data["abre"], data["cierra"], data["ventanillas"], data["minutos"])


class SuspensionForm(PlainErrors, forms.Form):
    tramite = forms.ModelChoiceField(
        label=_("Procedure"), queryset=Procedure.objects.none(), to_field_name="code", empty_label=_("Choose")
    )
    desde = forms.DateField(label=_("First day"), widget=date_input())
    hasta = forms.DateField(label=_("Last day"), widget=date_input())

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        procedures = cast(forms.ModelChoiceField, self.fields["tramite"])
        procedures.queryset = Procedure.objects.bookable()
        procedures.label_from_instance = lambda procedure: procedure.name  # type: ignore[assignment,method-assign]

    def clean(self) -> dict:
        data = super().clean() or {}
        first, last = data.get("desde"), data.get("hasta")
        if first and last and last < first:
            self.add_error("hasta", _("The last day comes after the first."))
        elif last and last < self.today:
            self.add_error("hasta", _("These days are over."))
        elif first and last and last - first > timedelta(days=366):
            self.add_error("hasta", _("One year at most in one act."))
        return data


class CallForm(PlainErrors, forms.Form):
    outcome = forms.ChoiceField(
        label=_("What came of the call?"), choices=CallOutcome.choices, widget=forms.RadioSelect
    )
    note = forms.CharField(
        label=_("Note (optional)"),
        help_text=_("Without names or document numbers."),
        max_length=200,
        required=False,
    )


CHANNELS = [(Channel.PHONE, _("By telephone")), (Channel.COUNTER, _("At the window"))]


class AnswerForm(PlainErrors, forms.Form):
    """How the person told us."""

    channel = forms.ChoiceField(
        label=_("How did they tell you?"), choices=CHANNELS, widget=forms.RadioSelect, initial=Channel.PHONE
    )


class BookForm(AnswerForm):
    """``choice`` is one of the alternatives on the page, as "12:2,13:1"."""

    choice = forms.ChoiceField(label=_("The time that they choose"), widget=forms.RadioSelect)

    def __init__(self, *args: Any, choices: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast(forms.ChoiceField, self.fields["choice"]).choices = choices
        self.order_fields(["choice", "channel"])
