"""Group F: what came of it at the window, and what reviewers decided before."""

from collections.abc import Iterator

from antifraud.evidence.contribution import Contribution, contribution, lift
from antifraud.facts import Facts
from antifraud.rulesets import RuleSet

SENTENCES = {
    "F1": {
        "es": "A {count} de {of} citas pasadas no llegó nadie.",
        "en": "Nobody came to {count} of {of} past appointments.",
    },
    "F2": {
        "es": "A {count} citas llegó una persona distinta de la anotada.",
        "en": "To {count} appointments came another person than the one named.",
        "es_1": "A una cita llegó una persona distinta de la anotada.",
        "en_1": "To one appointment came another person than the one named.",
    },
    "F4": {
        "es": "Una de las cuentas se confirmó como gestor hace {days} días.",
        "en": "One of the accounts was confirmed as a broker {days} days ago.",
    },
}


def outcome(facts: Facts, rules: RuleSet) -> Iterator[Contribution]:
    if facts.others:
        rule = rules["F2"]
        bits = lift(facts.others, max(facts.others, facts.ended), usual=rule["usual"], suspect=rule["suspect"])
        if bits > 0:
            yield contribution("F2", min(bits, rule["cap"]), count=facts.others)
    if facts.confirmed_days >= 0:
        rule = rules["F4"]
        faded = rule["bits"] * 0.5 ** (facts.confirmed_days / rule["half_life"])
        yield contribution("F4", faded, days=facts.confirmed_days)
    rule = rules["F1"]
    if facts.no_shows >= rule["from"]:
        bits = min(lift(facts.no_shows, facts.ended, usual=rule["usual"], suspect=rule["suspect"]), rule["cap"])
        if bits > 0:
            yield contribution("F1", bits, count=facts.no_shows, of=facts.ended)
