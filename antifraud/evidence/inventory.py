"""Group D: what is done to the seats. Denial of inventory (OAT-021) and trade by cancelling and taking again."""

from collections.abc import Iterator

from antifraud.evidence.contribution import Contribution, contribution, custom, lift
from antifraud.facts import Facts
from antifraud.rulesets import RuleSet

SENTENCES = {
    "D1": {
        "es": "{count} veces se volvió a apartar un lugar en cuanto venció su apartado.",
        "en": "{count} times a place was held again as soon as its hold ran out.",
        "es_1": "Una vez se volvió a apartar un lugar en cuanto venció su apartado.",
        "en_1": "Once a place was held again as soon as its hold ran out.",
    },
    "D2": {
        "es": "{count} de {of} apartados se dejaron vencer.",
        "en": "{count} of {of} holds were left to run out.",
    },
    "D3": {
        "es": "{count} lugares pasaron en minutos de una persona a otra de distinta familia.",
        "en": "{count} places went within minutes from one person to another of a different family.",
        "es_1": "Un lugar pasó en minutos de una persona a otra de distinta familia.",
        "en_1": "One place went within minutes from one person to another of a different family.",
    },
    "D4": {
        "es": "Las cuentas ligadas tienen a la vez {count} citas vigentes; el límite es {limit}.",
        "en": "The linked accounts hold {count} active appointments at once; the limit is {limit}.",
    },
    "D6": {
        "es": "Con un mismo buzón o teléfono, familias distintas tienen cita en {count} oficinas.",
        "en": "On one mailbox or phone, different families have appointments at {count} offices.",
    },
    "D5": {
        "es": "Sacaron {count} citas en {offices} oficinas.",
        "en": "They booked {count} appointments at {offices} offices.",
    },
}


def inventory(facts: Facts, rules: RuleSet) -> Iterator[Contribution]:
    if facts.transfers or facts.late_transfers:
        rule = rules["D3"]
        usual = custom(rule, facts.usual_transfers)
        soon = lift(max(0, facts.transfers - facts.chained), facts.booked, usual=usual, suspect=rule["suspect"])
        every = facts.transfers + facts.late_transfers
        usual = custom(rule, facts.usual_trades, "usual_late")
        late = lift(every - facts.chained, facts.booked, usual=usual, suspect=rule["suspect"])
        bits = min(max(soon, late), facts.transfers * rule["each"] + facts.late_transfers * rule["late"], rule["cap"])
        if bits > 0:
            yield contribution("D3", bits, count=every)
    if facts.spins >= rules["D1"]["from"]:
        rule = rules["D1"]
        yield contribution("D1", min(facts.spins * rule["each"], rule["cap"]), count=facts.spins)
    rule = rules["D2"]
    if facts.expired >= rule["from"]:
        bits = min(lift(facts.expired, facts.holds, usual=rule["usual"], suspect=rule["suspect"]), rule["cap"])
        if bits > 0:
            yield contribution("D2", bits, count=facts.expired, of=facts.holds)
    rule = rules["D4"]
    if facts.active > rule["limit"]:
        points = rule["bits"] + (facts.active - rule["limit"] - 1) * rule["each"]
        yield contribution("D4", min(points, rule["cap"]), count=facts.active, limit=int(rule["limit"]))
    rule = rules["D5"]
    if facts.offices >= rule["from"] and facts.applicants >= rule["applicants"] and facts.strangers:
        points = (facts.offices - rule["from"] + 1) * rule["each"]
        yield contribution("D5", min(points, rule["cap"]), count=facts.applicants, offices=facts.offices)
    rule = rules["D6"]
    if facts.far:
        points = rule["bits"] + (facts.far - 1) * rule["each"]
        yield contribution("D6", min(points, rule["cap"]), count=facts.far + 1)
