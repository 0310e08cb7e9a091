"""Group C: faster than people. Rates, not counts, so that a crowd with a few quick typists is not a machine."""

from collections.abc import Iterator

from antifraud.evidence.contribution import Contribution, contribution, custom, lift
from antifraud.facts import Facts
from antifraud.rulesets import RuleSet

SENTENCES = {
    "C1": {
        "es": "{count} de {of} cuentas llenan sus formularios en menos de {seconds} segundos.",
        "en": "{count} of {of} accounts fill in their forms within {seconds} seconds.",
    },
    "C2": {
        "es": "En {count} de {of} visitas se apartó un lugar a menos de {seconds} segundos de aparecer.",
        "en": "On {count} of {of} visits a place was taken within {seconds} seconds of appearing.",
    },
    "C4": {
        "es": "En {count} de {of} visitas fueron ambas cosas: lugar al instante y formulario llenado de golpe.",
        "en": "On {count} of {of} visits it was both: a place at once, and a form filled in a moment.",
    },
    "C3": {
        "es": "{count} cuentas miraron los lugares libres a intervalos iguales, a ritmo de máquina.",
        "en": "{count} accounts looked at free places at even intervals, in a machine's rhythm.",
        "es_1": "Una cuenta miró los lugares libres a intervalos iguales, a ritmo de máquina.",
        "en_1": "One account looked at free places at even intervals, in a machine's rhythm.",
    },
}


def pace(facts: Facts, rules: RuleSet) -> Iterator[Contribution]:
    rule = rules["C1"]
    if facts.fast >= rule["from"]:
        bits = lift(facts.fast, facts.typed, usual=custom(rule, facts.usual_fast), suspect=rule["suspect"])
        bits = min(bits, rule["cap"])
        if bits > 0:
            yield contribution("C1", bits, count=facts.fast, of=facts.typed, seconds=int(rule["seconds"]))
    rule = rules["C2"]
    if facts.snipes >= rule["from"]:
        usual = custom(rule, facts.usual_snipes)
        bits = min(lift(facts.snipes, facts.lags, usual=usual, suspect=rule["suspect"]), rule["cap"])
        if bits > 0:
            yield contribution("C2", bits, count=facts.snipes, of=facts.lags, seconds=int(rule["seconds"]))
    rule = rules["C4"]
    if facts.sprints:
        usual = custom(rule, facts.usual_sprints)
        bits = lift(facts.sprints, max(facts.sprints, facts.lags), usual=usual, suspect=rule["suspect"])
        if bits > 0:
            yield contribution("C4", min(bits, rule["cap"]), count=facts.sprints, of=facts.lags)
    if facts.even_polls:
        rule = rules["C3"]
        yield contribution("C3", min(facts.even_polls * rule["each"], rule["cap"]), count=facts.even_polls)
