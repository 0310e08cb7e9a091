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
    "G4": {
        "es": "El personal apartó {count} lugares a segundos de aparecer, sin tiempo para una llamada.",
        "en": "Staff took {count} places seconds after they appeared, too soon for a call.",
    },
}


def staff(facts: Facts, rules: RuleSet) -> Iterator[Contribution]:
    rule = rules["G1"]
    if facts.agent_families >= rule["families"]:
        yield contribution("G1", rule["bits"], count=facts.agent_bookings, families=facts.agent_families)
    rule = rules["G4"]
    if facts.agent_snipes >= rule["from"]:
        yield contribution("G4", min(facts.agent_snipes * rule["each"], rule["cap"]), count=facts.agent_snipes)
