"""Evidence groups: each a pure function, facts and rule set -> contributions in a fixed order.

Codes and initial weights: docs of the rule set (antifraud/data/); to add a group, write its module and name it here.
"""

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType

from antifraud.evidence import applicants, contact, device, inventory, outcome, pace, person, staff
from antifraud.evidence.contribution import Contribution
from antifraud.facts import Facts
from antifraud.rulesets import RuleSet

__all__ = ["GROUPS", "Contribution", "say", "sentences"]

GROUPS: Mapping[str, Callable[[Facts, RuleSet], Iterable[Contribution]]] = MappingProxyType(
    {
        "contact": contact.contact,
        "device": device.device,
        "pace": pace.pace,
        "inventory": inventory.inventory,
        "applicants": applicants.applicants,
        "outcome": outcome.outcome,
        "staff": staff.staff,
        "person": person.person,
    }
)
_MODULES = (contact, device, pace, inventory, applicants, outcome, staff, person)
_SENTENCES = {code: texts for module in _MODULES for code, texts in module.SENTENCES.items()}


def say_also(texts: Mapping[str, Mapping[str, str]]) -> None:
    """Codes of another room, of cases that are none of the engine's (antifraud/oversight/staff_evidence.py)."""
    _SENTENCES.update(texts)


def sentences(code: str) -> Mapping[str, str]:
    """The sentences of a code by language, ``es`` and ``en``, with placeholders named as in its evidence; ``es_1`` and
    ``en_1`` where one of a thing is said in another way.
    """
    return _SENTENCES[code]


def say(code: str, evidence: Mapping[str, float | str], language: str) -> str:
    """The sentence with its numbers, in Spanish where ``language`` has none. Raises KeyError for what has no words."""
    texts = sentences(code)
    said = texts.get(language, texts["es"])
    if evidence.get("count") == 1:
        said = texts.get(f"{language}_1", said)
    return said.format(**evidence)
