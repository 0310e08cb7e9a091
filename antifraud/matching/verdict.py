"""Are two prepared records one person? ``same`` may have effects, ``possible`` is for reviewers, else ``different``.

The score is the evidence, in bits, that is left over after the better of the two other explanations (strangers, or
relatives under one roof) had its due; ``possible`` begins at 0. ``same`` asks for more bits and for no veto:
twins share surnames, birth date, address and most of their CURP, a father and son the whole name, and nothing that
they share may make one person of them. Rule and figures: docs/adr/0015.
"""

from typing import NamedTuple

from antifraud.matching.levels import Levels, compare
from antifraud.matching.records import Person
from antifraud.matching.weights import weigh

SAME, POSSIBLE, DIFFERENT = "same", "possible", "different"
# One true pair among 4,096 that are compared; a household's pair is one person rather four times than not.
STRANGERS_DUE = 12.0
RELATIVES_DUE = -2.0
SAME_AT = 5.0

# What the documents must say before records whose given names agree so may be one person for certain.
GIVEN_NAME_NEEDS = {
    "same": {"same", "slip", "echo", "kin", "other", "missing"},
    "slip": {"same", "slip", "echo", "other", "missing"},
    "alike": {"same", "slip", "echo"},
    "part": {"same", "slip", "echo"},
    "missing": {"same", "slip", "echo"},
    "other": {"same", "slip"},
}
_PROOF = {"same", "slip", "echo"}
_NEAR = {"same", "slip", "alike"}
_ONE_DATE = {"same", "slip", "swapped"}


class Verdict(NamedTuple):
    """``kind``: same, possible or different. ``vetoes``: why certainty was refused."""

    kind: str
    score: float
    levels: Levels
    vetoes: tuple[str, ...]


def judge(a: Person, b: Person) -> Verdict:
    levels = compare(a, b)
    strangers, relatives = weigh(levels)
    score = min(strangers - STRANGERS_DUE, relatives - RELATIVES_DUE)
    if score < 0:
        return Verdict(DIFFERENT, score, levels, ())
    vetoes = tuple(name for name, holds in VETOES.items() if holds(levels))
    return Verdict(SAME if score >= SAME_AT and not vetoes else POSSIBLE, score, levels, vetoes)


def vetoed_by_given_name(levels: Levels) -> bool:
    """Twins: another given name, unless the documents agree in a number that does not come from the name.

    A document that is only close must stand with one birth date, and neither mends a name of the other sex.
    """
    if levels.document not in GIVEN_NAME_NEEDS[levels.given]:
        return True
    if levels.given == "same":
        return False
    off_by_a_letter = levels.given == "other" and levels.document == "slip" and levels.birth_date not in _ONE_DATE
    return levels.sex == "other" or off_by_a_letter


def vetoed_by_birth_date(levels: Levels) -> bool:
    """Father and son of one name under one roof: without one birth date only the document can join them."""
    return levels.birth_date not in _ONE_DATE and levels.document not in _PROOF


def vetoed_without_witness(levels: Levels) -> bool:
    """Homonyms: name and birth date alone are two people too often.

    The document must join them, or two facts of the address; a number or postal code that is near is a neighbour's.
    """
    exact = (levels.number == "same") + (levels.postal_code == "same")
    near = (levels.street in _NEAR) + (levels.locality in _NEAR)
    return levels.document not in _PROOF and exact + near < 2


VETOES = {
    "given_name": vetoed_by_given_name,
    "birth_date": vetoed_by_birth_date,
    "witness": vetoed_without_witness,
}
