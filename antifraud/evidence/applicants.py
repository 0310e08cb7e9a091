"""Group E: who is booked for. Unrelated people, identities that cannot be, and people who change into others."""

from collections.abc import Iterator

from antifraud.evidence.contribution import Contribution, contribution, custom, lift
from antifraud.facts import Facts
from antifraud.rulesets import RuleSet

SENTENCES = {
    "E1": {
        "es": "{people} personas con cita forman {families} familias sin apellidos en común.",
        "en": "{people} people with appointments are {families} families without a surname in common.",
    },
    "E2": {
        "es": "{count} de {of} claves CURP no corresponden a la persona.",
        "en": "{count} of {of} CURP keys do not fit the person.",
    },
    "E3": {
        "es": "{count} veces se intentó poner a otra persona en una cita.",
        "en": "{count} times somebody tried to put another person into an appointment.",
        "es_1": "Una vez se intentó poner a otra persona en una cita.",
        "en_1": "Once somebody tried to put another person into an appointment.",
    },
    "E4": {
        "es": "{count} solicitantes de familias distintas tienen la misma fecha de nacimiento.",
        "en": "{count} applicants of different families have one birth date.",
    },
    "E5": {
        "es": "{count} personas aparecen en citas de varias cuentas ligadas.",
        "en": "{count} people stand in appointments of several of the linked accounts.",
        "es_1": "Una persona aparece en citas de varias cuentas ligadas.",
        "en_1": "One person stands in appointments of several of the linked accounts.",
    },
}


def applicants(facts: Facts, rules: RuleSet) -> Iterator[Contribution]:
    rule = rules["E1"]
    if facts.strangers:
        points = facts.strangers * rule["each"]
        yield contribution("E1", min(points, rule["cap"]), families=facts.families, people=facts.applicants)
    rule = rules["E2"]
    if facts.contradictions:
        bits = lift(
            facts.contradictions,
            facts.curps,
            usual=custom(rule, facts.usual_contradictions),
            suspect=rule["suspect"],
        )
        bits = min(bits, facts.contradictions * rule["each"], rule["cap"])
        if bits > 0:
            yield contribution("E2", bits, count=facts.contradictions, of=facts.curps)
    if facts.changes:
        rule = rules["E3"]
        bits = lift(facts.changes, max(facts.changes, facts.booked), usual=rule["usual"], suspect=rule["suspect"])
        bits = min(bits, facts.changes * rule["each"], rule["cap"])
        if bits > 0:
            yield contribution("E3", bits, count=facts.changes)
    if facts.twins_of_strangers >= rules["E4"]["from"]:
        rule = rules["E4"]
        yield contribution("E4", rule["bits"], count=facts.twins_of_strangers)
    if facts.rebooked:
        rule = rules["E5"]
        yield contribution("E5", min(facts.rebooked * rule["each"], rule["cap"]), count=facts.rebooked)
