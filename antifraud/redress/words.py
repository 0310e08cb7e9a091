"""What a person reads about a decision: whole sentences, without a code and without an accusation."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from antifraud.evidence import say
from antifraud.models import Case, DecisionReason

OTHERWISE = _("We could not confirm who asked for this appointment.")
WHY: Mapping[str, Promise | str] = {
    DecisionReason.HOARDED: _(
        "It was booked together with many others. One person cannot have so many appointments at the same time."
    ),
    DecisionReason.TRADED: _(
        "The place was given up and taken again at once for another person. Appointments do not pass from one person"
        " to another."
    ),
    DecisionReason.SPUN: _(
        "Places of this kind were kept again and again without an appointment, so that other people could not book."
    ),
    DecisionReason.INVENTED: _(
        "Some of the data in this appointment, or in others booked with it, are of nobody whom we could find."
    ),
    DecisionReason.CHARGED: _("Somebody charged money for appointments booked together with this one."),
    DecisionReason.NOT_ASKED: _("The person whose name it has told us that they did not ask for it."),
}


def why(reason: str) -> str:
    """Of a DecisionReason."""
    return str(WHY.get(reason, OTHERWISE))


def evidence_of(reasons: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The reasons of a case or an assessment as sentences in the active language, with their points."""
    language = (get_language() or "es")[:2]
    return [{"sentence": _said(reason, language), "points": reason["points"]} for reason in reasons]


def headline(case: Case) -> str:
    """The weightiest reason against, as a sentence; that of a sample says what it is."""
    against = sorted((one for one in case.reasons if one["points"] > 0), key=lambda one: -one["points"])
    return evidence_of(against[:1])[0]["sentence"] if against else str(case.get_kind_display())


def _said(reason: Mapping[str, Any], language: str) -> str:
    """A rule set of another time may know codes that this one has no words for."""
    try:
        return say(reason["code"], reason["evidence"], language)
    except (KeyError, IndexError):
        return str(reason["code"])
