"""Pure: facts -> contributions -> score. A sum of evidence in bits, each group capped, less what speaks for people.

Points are shown as capped, so that they sum to the score and taking one away lowers it by exactly its points.
"""

import math
from collections.abc import Iterable
from typing import NamedTuple

from antifraud.evidence import GROUPS, Contribution, say
from antifraud.facts import Facts
from antifraud.rulesets import EIGHTH, RuleSet

# A crowd on one terminal shows these too: they never make a second group beside device and network.
CROWD_CODES = frozenset({"E1", "D4"})
FOR_THE_PERSON = "person"


class Reason(NamedTuple):
    """A contribution after its group's cap: ``points`` are what it adds to the score."""

    code: str
    group: str
    points: float
    evidence: tuple[tuple[str, float | str], ...]

    def sentence(self, language: str) -> str:
        return say(self.code, dict(self.evidence), language)


class Assessment(NamedTuple):
    """The score of one actor under one rule set, and everything needed to compute it again."""

    ruleset: int
    score: float
    reasons: tuple[Reason, ...]
    facts: Facts

    def without(self, code: str) -> "Assessment":
        """The same without one reason: lower by exactly its points."""
        kept = tuple(reason for reason in self.reasons if reason.code != code)
        return self._replace(reasons=kept, score=sum(reason.points for reason in kept))

    @property
    def telling(self) -> float:
        """The score without what any crowd on one device shows."""
        return sum(r.points for r in self.reasons if r.code not in CROWD_CODES and r.group != "device")

    def opens_case(self, rules: RuleSet) -> bool:
        """Whether it stands at the threshold with two independent groups (device and network with a crowd are one)."""
        if self.score < rules.threshold:
            return False
        positive = {reason.group for reason in self.reasons if reason.points > 0}
        telling = {reason.group for reason in self.reasons if reason.points > 0 and reason.code not in CROWD_CODES}
        return len(positive) >= 2 and bool(telling - {"device"})


def eighths(bits: float) -> float:
    """``bits`` cut towards zero to whole eighths."""
    return math.trunc(bits / EIGHTH) * EIGHTH


def _capped(group: str, contributions: Iterable[Contribution], cap: float) -> list[Reason]:
    """The contributions in their order, until the cap is used up; what would add nothing is left out."""
    reasons, room = [], cap
    for contribution in contributions:
        points = eighths(contribution.points)
        if group != FOR_THE_PERSON:
            points = min(points, room)
            room -= points
        if points:
            reasons.append(Reason(contribution.code, group, points, contribution.evidence))
    return reasons


def assess(facts: Facts, rules: RuleSet) -> Assessment:
    """The assessment of ``facts``: the same facts and rule set give the same score for ever."""
    against: list[Reason] = []
    for group, module in GROUPS.items():
        if group != FOR_THE_PERSON:
            against += _capped(group, module(facts, rules), rules.caps[group])
    if not against:
        return Assessment(rules.number, 0.0, (), facts)
    reasons = (*against, *_capped(FOR_THE_PERSON, GROUPS[FOR_THE_PERSON](facts, rules), 0))
    return Assessment(rules.number, sum(reason.points for reason in reasons), reasons, facts)
