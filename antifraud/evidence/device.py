"""Group B: device and network. It links and corroborates; alone it never opens a case."""

from collections.abc import Iterator

from antifraud.evidence.contribution import Contribution, contribution
from antifraud.facts import Facts
from antifraud.rulesets import RuleSet

SENTENCES = {
    "B1": {
        "es": "Un mismo aparato, que no es público, lo usan {count} grupos de cuentas de {families} familias.",
        "en": "One device that is not public is used by {count} groups of accounts of {families} families.",
    },
    "B2": {
        "es": "{count} cuentas se registraron en una hora desde la misma red.",
        "en": "{count} accounts signed up within an hour from one network.",
    },
    "B3": {
        "es": "{count} citas se sacaron desde un centro de datos.",
        "en": "{count} appointments were booked from a data centre.",
        "es_1": "Una cita se sacó desde un centro de datos.",
        "en_1": "One appointment was booked from a data centre.",
    },
}


def device(facts: Facts, rules: RuleSet) -> Iterator[Contribution]:
    rule = rules["B1"]
    if facts.device_circles >= rule["circles"] and facts.device_families >= rule["families"]:
        yield contribution("B1", rule["bits"], count=facts.device_circles, families=facts.device_families)
    if facts.prefix_burst >= rules["B2"]["from"]:
        yield contribution("B2", rules["B2"]["bits"], count=facts.prefix_burst)
    if facts.hosting:
        yield contribution("B3", min(facts.hosting * rules["B3"]["each"], rules["B3"]["cap"]), count=facts.hosting)
