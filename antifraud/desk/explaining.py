"""Pure: a score in words and bars. Every point has its sentence; without a reason the score is lower by its points."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from antifraud.evidence import sentences
from antifraud.facts import Facts
from antifraud.rulesets import UnknownRuleSet, ruleset
from antifraud.scoring import Assessment, Reason

# How a headline begins, by the strongest reason; the evidence of the reason fills it, ``n`` in words where it begins.
LEADS: Mapping[str, Promise] = {
    "A1": gettext_lazy("%(n)s accounts use spellings of one mailbox"),
    "A2": gettext_lazy("%(n)s accounts use a phone that another family has proven"),
    "A3": gettext_lazy("%(n)s accounts use throw-away e-mail"),
    "A4": gettext_lazy("%(n)s accounts signed up within one hour with e-mail addresses built alike"),
    "C1": gettext_lazy("%(n)s of %(of)s accounts fill in their forms faster than a person types"),
    "D1": gettext_lazy("%(n)s times a place was held again as soon as its hold ran out"),
    "D3": gettext_lazy("%(n)s places went within minutes from one family to another"),
    "D4": gettext_lazy("%(n)s appointments are held at once where the limit is %(limit)s"),
    "E1": gettext_lazy("%(people)s people of %(families)s families without a surname in common are on one booker"),
}
OF_ACCOUNTS = frozenset({"A1", "A2", "A3", "A4", "C1"})  # leads whose subject also booked
WORDS = {
    "es": ("", "Una", "Dos", "Tres", "Cuatro", "Cinco", "Seis", "Siete", "Ocho", "Nueve", "Diez"),
    "en": ("", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten"),
}


@dataclass(frozen=True)
class Bar:
    """One reason in the waterfall: from ``start``, ``width`` long, in hundredths of the whole drawing. ``removed``:
    looked at without it.
    """

    code: str
    sentence: str
    points: float
    start: float
    width: float
    removed: bool

    @property
    def speaks_for(self) -> bool:
        return self.points < 0


@dataclass(frozen=True)
class Explained:
    """``score`` without what was taken away; ``full`` with everything. ``opens`` is None for a rule set that is not
    here. ``zero`` and ``threshold`` are places in the drawing, in hundredths.
    """

    bars: list[Bar]
    score: float
    full: float
    needed: float
    opens: bool | None
    zero: float
    threshold: float

    @property
    def removed(self) -> list[str]:
        return [bar.code for bar in self.bars if bar.removed]


def language() -> str:
    return "en" if (get_language() or "es").startswith("en") else "es"


def assessment_of(number: int, reasons: Sequence[Mapping[str, Any]]) -> Assessment:
    """What a case or an assessment keeps, as the engine's own."""
    kept = tuple(
        Reason(one["code"], one["group"], float(one["points"]), tuple(dict(one["evidence"]).items())) for one in reasons
    )
    return Assessment(number, sum(one.points for one in kept), kept, Facts())


def sentence_of(reason: Reason) -> str:
    """In the reader's language; a code that no evidence has any more stands for itself."""
    try:
        return reason.sentence(language())
    except (KeyError, IndexError):
        return reason.code


def explain(number: int, reasons: Sequence[Mapping[str, Any]], *, without: Sequence[str] = ()) -> Explained:
    """The waterfall: what speaks against first, the strongest first, then what speaks for."""
    whole = assessment_of(number, reasons)
    rest = whole
    for code in without:
        rest = rest.without(code)
    try:
        rules = ruleset(number)
        opens, needed = rest.opens_case(rules), rules.threshold
    except UnknownRuleSet:
        opens, needed = None, 0.0
    ordered = sorted(whole.reasons, key=lambda one: (one.points < 0, -abs(one.points), one.code))
    bars, zero, threshold = _drawn(ordered, set(without), needed)
    return Explained(bars, rest.score, whole.score, needed, opens, zero, threshold)


def _drawn(reasons: Sequence[Reason], without: set[str], needed: float) -> tuple[list[Bar], float, float]:
    ends, at = [], 0.0
    for one in reasons:
        ends.append((at, at if one.code in without else at + one.points))
        at = ends[-1][1]
    low = min([0.0, *(min(pair) for pair in ends)])
    scale = 100 / (max([needed, 1.0, *(max(pair) for pair in ends)]) - low)
    bars = [
        Bar(
            one.code, sentence_of(one), one.points, round((min(pair) - low) * scale, 2),
            round(abs(pair[1] - pair[0]) * scale, 2), one.code in without,
        )
        for one, pair in zip(reasons, ends, strict=True)
    ]  # fmt: skip
    return bars, round(-low * scale, 2), round((needed - low) * scale, 2)


def headline(reasons: Sequence[Mapping[str, Any]], facts: Mapping[str, Any], *, kind: str = "broker") -> str:
    """One sentence: what the strongest reason says, and what came of it. Of a case without reasons, what it is."""
    against = [one for one in assessment_of(0, reasons).reasons if one.points > 0]
    if not against:
        return _("Drawn at random: was anything overlooked?") if kind == "audit" else _("Opened by a colleague")
    strongest = max(against, key=lambda one: (one.points, one.code))
    lead = _lead(strongest)
    booked, families = int(facts.get("booked", 0)), int(facts.get("families", 0))
    if not booked:
        return f"{lead}."
    got = ngettext("%(count)d appointment", "%(count)d appointments", booked) % {"count": booked}
    whom = ngettext("%(count)d family", "%(count)d families", families) % {"count": families}
    told = {"lead": lead, "got": got, "whom": whom}
    if strongest.code in OF_ACCOUNTS:
        return (_("%(lead)s and got %(got)s for %(whom)s.") if families else _("%(lead)s and got %(got)s.")) % told
    return (_("%(lead)s: %(got)s for %(whom)s.") if families else _("%(lead)s: %(got)s.")) % told


def _lead(reason: Reason) -> str:
    told: dict[str, Any] = dict(reason.evidence)
    count = int(told.get("count", 0)) + (reason.code == "A1")  # its evidence leaves the first account out
    if reason.code not in LEADS or count == 1:
        return sentence_of(reason).rstrip(".")
    words = WORDS[language()]
    told["n"] = words[count] if 0 < count < len(words) else count
    try:
        return str(LEADS[reason.code]) % told
    except KeyError:
        return sentence_of(reason).rstrip(".")


def evidence_codes() -> Mapping[str, str]:
    """For tests: every lead has sentences of its own."""
    return {code: sentences(code)[language()] for code in LEADS}
