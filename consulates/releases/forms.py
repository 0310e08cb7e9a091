"""Forms of releases: the shape of what staff type, and the sentences of what a service refuses."""

from datetime import timedelta
from typing import Any, ClassVar

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, override

from consulates import wording
from consulates.calendars import CalendarError
from consulates.models import Consulate, Gate, Procedure, Release, ReleaseRule, SessionKind
from consulates.planning.fields import ClockField, DayField, MomentField, in_utc, number, sentence_for, wall
from mexitel.utils.forms import PlainErrors

from .errors import DifferentMoments, NotReleasable
from .moments import Terms

OWN_CLOCKS = ""
MODES = [
    (Gate.OPEN, _("First come, first served: anybody books from that moment on")),
    (Gate.QUEUE, _("A queue: people join before, and at that moment their order is drawn")),
    (Gate.DRAW, _("A draw: people apply during days, and at that moment lots decide")),
]
REFUSALS = {
    "no_longer_draft": _("It was announced or given up meanwhile. What the public knows of is not edited."),
    "nothing_to_release": _("It has no places. Choose sessions first."),
    "opens_too_soon": _("It would open in less than five minutes, or has opened. Choose a later moment."),
    "telephone_ends_too_soon": _("Keep the places of the telephone until the last office has opened."),
    "shown_otherwise": _("Something changed while you were looking. These are the numbers now: check them again."),
    "own_approval": _("You wrote it down. A second person approves it."),
    "too_late_to_cancel": _("It opens in less than five minutes, or has opened: it can no longer be cancelled."),
    "not_announced": _("Only what was announced is cancelled, and once."),
    "not_draft": _("Somebody published a part of this at the same moment. Look at it again."),
}


def refusal(error: Exception) -> str:
    """The sentence of a refusal; an unknown code is a fault of ours and is raised again."""
    if isinstance(error, DifferentMoments):
        zones = ", ".join(wording.zone_label(zone) for zone in error.zones)
        return _("A queue or a draw opens everywhere at one moment, and these offices have different hours: %(zones)s."
                 " Choose whose clock counts, or write one for each.") % {"zones": zones}  # fmt: skip
    if isinstance(error, NotReleasable):
        return ngettext(
            "%(count)d session opened, began or went into another opening meanwhile. Look at the sessions again.",
            "%(count)d sessions opened, began or went into another opening meanwhile. Look at the sessions again.",
            len(error.session_ids),
        ) % {"count": len(error.session_ids)}
    if isinstance(error, CalendarError):
        return sentence_for(error.code)
    code = getattr(error, "code", "")
    if code not in REFUSALS:
        raise error
    return str(REFUSALS[code])


def _own_words(label: Any, **options: Any) -> forms.CharField:
    return forms.CharField(
        label=label, required=False, max_length=400, widget=forms.Textarea(attrs={"rows": 3}), **options
    )


def _hours(label: Any, least: int, most: int, **options: Any) -> forms.IntegerField:
    return number(label, least, most, required=False, **options)


class GateForm(PlainErrors, forms.Form):
    """How a release opens; the lengths of a queue or draw are asked of those alone."""

    mode = forms.ChoiceField(label=_("How"), choices=MODES, widget=forms.RadioSelect, initial=Gate.OPEN)
    joins_hours = _hours(
        _("Queue or draw: from how many hours before can people join or apply?"), 1, 720,
        help_text=_("For a queue 1 is usual, for a draw 72 or more."),
    )  # fmt: skip
    gate_hours = _hours(
        _("Queue or draw: after how many hours can anybody book what is left?"), 1, 720,
        help_text=_("For a queue 24 is usual, for a draw 72: winners have a day to accept."),
    )  # fmt: skip
    phone_share = number(
        _("Percent of the places for those who call"),
        0,
        50,
        initial=10,
        help_text=_("0 to 50."),
    )
    phone_hours = number(_("For how many hours are those kept for callers?"), 1, 720, initial=24)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("mode") == Gate.OPEN:
            data["joins_hours"] = data["gate_hours"] = None
        else:
            for name in ("joins_hours", "gate_hours"):
                if name not in self.errors and data.get(name) is None:
                    self.add_error(name, _("A queue and a draw need this number of hours."))
        return data

    def lengths(self) -> dict[str, Any]:
        """The part of Terms that is asked here."""
        data = self.cleaned_data
        hours = {name: timedelta(hours=data[name]) if data[name] else None for name in ("joins_hours", "gate_hours")}
        return {
            "mode": Gate(data["mode"]),
            "joins_before": hours["joins_hours"],
            "gate_for": hours["gate_hours"],
            "phone_share": data["phone_share"],
            "phone_for": timedelta(hours=data["phone_hours"]),
        }


def _names(most: int, hint: Any) -> tuple[forms.CharField, forms.CharField]:
    return (
        forms.CharField(label=_("Name in Spanish, as the public reads it"), max_length=most, help_text=hint),
        forms.CharField(label=_("Name in English"), max_length=most, required=False),
    )


class OfficesField(forms.ModelMultipleChoiceField):
    widget = forms.CheckboxSelectMultiple

    def label_from_instance(self, office: Consulate) -> str:
        return f"{office.city}, {office.state}"


class ProceduresField(forms.ModelMultipleChoiceField):
    widget = forms.CheckboxSelectMultiple

    def label_from_instance(self, procedure: Procedure) -> str:
        return procedure.name


class ReleaseForm(GateForm):
    name, name_en = _names(120, _("For example: Places of January"))
    offices = OfficesField(
        Consulate.objects.none(), label=_("Offices"), error_messages={"required": _("Choose at least one office.")}
    )
    day = DayField(label=_("Day of opening"))
    hour = ClockField(label=_("Hour of opening"))
    clock = forms.ChoiceField(
        label=_("On whose clocks?"), required=False,
        help_text=_("A queue or a draw is one moment everywhere. The page says what hour that is in each office."),
    )  # fmt: skip
    procedures = ProceduresField(
        Procedure.objects.bookable(), label=_("Procedures"), required=False,
        help_text=_("None chosen: all that its sessions offer."),
    )  # fmt: skip
    field_order = (
        "name", "name_en", "offices", "mode", "day", "hour", "clock", "joins_hours", "gate_hours", "phone_share",
        "phone_hours", "procedures",
    )  # fmt: skip

    def __init__(self, *args: Any, offices: QuerySet[Consulate], **options: Any) -> None:
        super().__init__(*args, **options)
        self.own_offices = offices
        self.fields["offices"].queryset = offices  # type: ignore[attr-defined]
        zones = sorted(set(offices.values_list("time_zone", flat=True)))
        own = (OWN_CLOCKS, _("Each office's own"))
        self.fields["clock"].choices = [  # type: ignore[attr-defined]
            own, *((zone, wording.zone_label(zone)) for zone in zones),
        ]  # fmt: skip
        if len(zones) < 2:
            del self.fields["clock"]

    def terms(self) -> Terms:
        data = self.cleaned_data
        return Terms(
            name=data["name"],
            name_en=data["name_en"],
            day=data["day"],
            hour=data["hour"],
            clock=data.get("clock", OWN_CLOCKS),
            procedures=list(data["procedures"]),
            **self.lengths(),
        )


def initial_of(release: Release) -> dict[str, Any]:
    """What the form shows of a draft."""
    rows = list(release.offices.select_related("consulate"))
    walls = {wall(row.opens_at, row.consulate.time_zone) for row in rows}
    first = rows[0].consulate.time_zone
    at = wall(rows[0].opens_at, first)
    return {
        "name": release.name,
        "name_en": release.name_en,
        "offices": [row.consulate_id for row in rows],
        "mode": release.mode,
        "day": at.date(),
        "hour": at.time(),
        "clock": OWN_CLOCKS if len(walls) == 1 else first,
        "joins_hours": release.joins_from and _whole_hours(release.opens_at - release.joins_from),
        "gate_hours": release.opens_to_all_at and _whole_hours(release.opens_to_all_at - release.opens_at),
        "phone_share": release.phone_share,
        "phone_hours": _whole_hours(release.phone_until - release.opens_at) if release.phone_until else 24,
        "procedures": list(release.procedures.all()),
    }


def _whole_hours(length: timedelta) -> int:
    return max(1, round(length.total_seconds() / 3600))


class RuleForm(GateForm):
    WEEKDAYS = [
        (0, _("Mondays")), (1, _("Tuesdays")), (2, _("Wednesdays")), (3, _("Thursdays")), (4, _("Fridays")),
        (5, _("Saturdays")), (6, _("Sundays")),
    ]  # fmt: skip
    name, name_en = _names(80, _("The week is added to it. For example: Places of the week"))
    weekday = forms.TypedChoiceField(label=_("Opens on"), choices=WEEKDAYS, coerce=int, initial=2)
    hour = ClockField(label=_("At this hour of the office"))
    weeks_ahead = number(_("For how many weeks later?"), 1, 12, initial=2)
    kinds = forms.MultipleChoiceField(
        label=_("Sessions"), choices=SessionKind.choices, widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one kind of session.")},
    )  # fmt: skip
    field_order = (
        "name", "name_en", "weekday", "hour", "weeks_ahead", "kinds", "mode", "joins_hours", "gate_hours",
        "phone_share", "phone_hours",
    )  # fmt: skip

    def rule(self, office: Consulate) -> ReleaseRule:
        names = (
            "name", "name_en", "mode", "weekday", "hour", "weeks_ahead", "kinds", "joins_hours", "gate_hours",
            "phone_share", "phone_hours",
        )  # fmt: skip
        return ReleaseRule(consulate=office, **{name: self.cleaned_data[name] for name in names})


class PeriodForm(PlainErrors, forms.Form):
    """Which sessions to choose from."""

    first = DayField(label=_("From"))
    last = DayField(label=_("Until"))

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("first") and data.get("last") and data["last"] < data["first"]:
            self.add_error("last", _("The last day is not before the first."))
        return data


class CancelForm(PlainErrors, forms.Form):
    """Why, for the public: one of the usual reasons, which stand in both languages, or own words in both."""

    OTHER = "other"
    WHY: ClassVar[list[tuple[str, Any]]] = [
        ("weather", _("The office closes because of the weather.")),
        ("building", _("The office cannot be used on those days.")),
        ("systems", _("The office's systems do not work.")),
        ("staff", _("The office has too few people on those days.")),
        ("mistake", _("The opening was announced by mistake.")),
        (OTHER, _("Another reason, in my own words")),
    ]
    why = forms.ChoiceField(
        label=_("Why? Everybody reads this"), choices=WHY, widget=forms.RadioSelect,
        error_messages={"required": _("Choose a reason.")},
    )  # fmt: skip
    reason = _own_words(
        _("In Spanish, in your own words"),
        help_text=_("It follows the reason. For example: A new date will be announced on Monday."),
    )
    reason_en = _own_words(_("The same in English"))

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        needs = data.get("why") == self.OTHER or data.get("reason") or data.get("reason_en")
        for name in ("reason", "reason_en"):
            if needs and not data.get(name) and name not in self.errors:
                self.add_error(name, _("Write it in Spanish and in English: each person reads it in their language."))
        return data

    def reasons(self) -> dict[str, str]:
        """``reason`` in Spanish and ``reason_en``, each whole."""
        return {name: self._in(language, name) for name, language in (("reason", "es"), ("reason_en", "en"))}

    def _in(self, language: str, name: str) -> str:
        own, why = self.cleaned_data[name], self.cleaned_data["why"]
        if why == self.OTHER:
            return own
        with override(language):
            return f"{dict(self.WHY)[why]} {own}".strip()


class MomentForm(PlainErrors, forms.Form):
    """A moment to come, in the office's zone."""

    moment = MomentField(label=_("Day and hour, in the office's zone"))

    def __init__(self, *args: Any, office: Consulate, **options: Any) -> None:
        self.office = office
        super().__init__(*args, **options)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        data["at"] = in_utc(self, "moment", self.office.time_zone)
        return data
