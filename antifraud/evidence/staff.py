"""Group G: bookings through agents and clerks whose pattern their colleagues do not share."""

from collections.abc import Iterator

from antifraud.evidence.contribution import Contribution, contribution
from antifraud.facts import Facts
from antifraud.rulesets import RuleSet

SENTENCES = {
    "G1": {
        "es": "Por teléfono, un mismo contacto sacó citas para {families} familias con {count} llamadas.",
        "en": "By phone, one contact got appointments for {families} families in {count} calls.",
    },
    "G2": {
        "es": "Sacaron {count} citas por teléfono sin que conste la llamada de quien las pidió.",
        "en": "{count} appointments were booked by phone without a record of the caller.",
        "es_1": "Sacaron una cita por teléfono sin que conste la llamada de quien la pidió.",
        "en_1": "One appointment was booked by phone without a record of the caller.",
    },
    "G4": {
        "es": "Por teléfono se apartaron {count} lugares a segundos de aparecer, sin tiempo para una llamada.",
        "en": "By phone {count} places were taken seconds after they appeared, too soon for a call.",
        "es_1": "Por teléfono se apartó un lugar a segundos de aparecer, sin tiempo para una llamada.",
        "en_1": "By phone one place was taken seconds after it appeared, too soon for a call.",
    },
}


def staff(facts: Facts, rules: RuleSet) -> Iterator[Contribution]:
    rule = rules["G1"]
    if facts.agent_families >= rule["families"]:
        points = rule["bits"] + (facts.agent_families - rule["families"]) * rule["each"]
        yield contribution("G1", min(points, rule["cap"]), count=facts.uncalled, families=facts.agent_families)
    rule = rules["G2"]
    if facts.uncalled >= rule["from"] and facts.unproven * 2 > facts.accounts:
        yield contribution("G2", rule["bits"], count=facts.uncalled)
    rule = rules["G4"]
    if facts.uncalled_at_once >= rule["from"]:
        yield contribution("G4", min(facts.uncalled_at_once * rule["each"], rule["cap"]), count=facts.uncalled_at_once)
