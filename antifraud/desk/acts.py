"""What goes together: acts, the reasons that they can have, and what each of them needs and means."""

from collections.abc import Mapping
from dataclasses import dataclass

from antifraud.models import Act, DecisionReason, Verdict

WRONG = (
    DecisionReason.HOARDED,
    DecisionReason.TRADED,
    DecisionReason.SPUN,
    DecisionReason.INVENTED,
    DecisionReason.CHARGED,
)
FINE = (DecisionReason.FAMILY, DecisionReason.HELPER, DecisionReason.COINCIDENCE)


@dataclass(frozen=True)
class Rule:
    """``slug`` names the act in addresses and ``key`` on the keyboard. ``chooses``: it is about chosen appointments,
    at least one. ``takes``: it takes something from people, so many at once, or late, need a second person.
    """

    slug: str
    key: str
    reasons: tuple[DecisionReason, ...]
    chooses: bool = False
    takes: bool = False


RULES: Mapping[Act, Rule] = {
    Act.DISMISS: Rule("descartar", "d", (*FINE, DecisionReason.UNCLEAR)),
    Act.ASK: Rule("preguntar", "a", (*WRONG, DecisionReason.UNCLEAR), chooses=True),
    Act.VALIDATE: Rule("confirmadas", "v", FINE, chooses=True),
    Act.CANCEL: Rule("cancelar", "c", (*WRONG, DecisionReason.NOT_ASKED), chooses=True, takes=True),
    Act.BLOCK: Rule("bloquear", "b", WRONG, takes=True),
    Act.CAP: Rule("juntar", "g", WRONG, takes=True),
}
BY_SLUG: Mapping[str, Act] = {rule.slug: act for act, rule in RULES.items()}
# What may come with a cancellation in one decision.
ALSO = (Act.BLOCK, Act.CAP)


def verdict_of(act: Act, reason: str) -> Verdict:
    """What a case comes to that ends with this act."""
    if RULES[act].takes:
        return Verdict.BROKER
    if act == Act.VALIDATE:
        return Verdict.VALIDATED
    return Verdict.UNDECIDED if reason == DecisionReason.UNCLEAR else Verdict.LEGITIMATE
