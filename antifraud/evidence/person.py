"""What speaks for the person: one family, own phones, human pace, kept appointments, a vouched place, a guardian."""

from collections.abc import Iterator

from antifraud.evidence.contribution import Contribution, contribution
from antifraud.evidence.pace import pace
from antifraud.facts import Facts
from antifraud.rulesets import RuleSet

SENTENCES = {
    "X1": {
        "es": "A favor: las {count} personas forman {families} familias por sus apellidos.",
        "en": "For them: by their surnames the {count} people are {families} families.",
    },
    "X2": {
        "es": "A favor: {count} de {of} cuentas tienen su propio teléfono comprobado.",
        "en": "For them: {count} of {of} accounts have a proven phone of their own.",
    },
    "X3": {
        "es": "A favor: el ritmo es de personas, no de máquinas.",
        "en": "For them: the pace is that of people, not of machines.",
    },
    "X4": {
        "es": "A favor: se presentaron a {count} de {of} citas pasadas.",
        "en": "For them: they came to {count} of {of} past appointments.",
    },
    "X5": {
        "es": "A favor: es un ayudante registrado, una jornada de ayuda o un equipo público.",
        "en": "For them: a registered helper, a help drive or a public computer.",
    },
    "X6": {
        "es": "A favor: un padre, madre o tutor lleva a {count} menores.",
        "en": "For them: a parent or guardian comes with {count} minors.",
        "es_1": "A favor: un padre, madre o tutor lleva a un menor.",
        "en_1": "For them: a parent or guardian comes with one minor.",
    },
}


def person(facts: Facts, rules: RuleSet) -> Iterator[Contribution]:
    if facts.vouched:
        yield contribution("X5", rules["X5"]["bits"])
    if facts.confirmed_days < 0:  # once a person has decided, what usually speaks for people no longer outweighs it
        yield from _usual(facts, rules)


def _is_household(facts: Facts) -> bool:
    """Whether two families go to one office, and are more than two people or share a telephone: in-laws, a couple."""
    return not facts.far and (facts.applicants > 2 or facts.phone_strangers > 0)


def _usual(facts: Facts, rules: RuleSet) -> Iterator[Contribution]:
    rule = rules["X1"]
    related = facts.families == 1 or (facts.families == 2 and _is_household(facts))
    if related and (facts.applicants > 1 or facts.accounts > 1):  # one person alone is no sign of a family
        yield contribution("X1", rule["bits"], count=facts.applicants, families=facts.families)
    if facts.own_phones >= rules["X2"]["share"] * facts.accounts:
        yield contribution("X2", rules["X2"]["bits"], count=facts.own_phones, of=facts.accounts)
    if (facts.typed or facts.lags) and not any(True for _ in pace(facts, rules)):
        yield contribution("X3", rules["X3"]["bits"])
    if facts.ended and facts.attended * 2 >= facts.ended and related:
        yield contribution("X4", rules["X4"]["bits"], count=facts.attended, of=facts.ended)
    if facts.minors and facts.guardians and not facts.strangers:
        yield contribution("X6", rules["X6"]["bits"], count=facts.minors)
