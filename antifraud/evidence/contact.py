"""Group A: mailboxes and phones that several bookers share."""

from collections.abc import Iterator

from antifraud.evidence.contribution import Contribution, contribution
from antifraud.facts import Facts
from antifraud.rulesets import RuleSet

SENTENCES = {
    "A1": {
        "es": "Además de la primera, {count} cuentas usan variantes del mismo buzón de correo.",
        "en": "Beyond the first, {count} accounts use spellings of one mailbox.",
    },
    "A2": {
        "es": "{count} cuentas comprobaron {phones} teléfonos y con ellos sacaron citas para {families} familias.",
        "en": "{count} accounts proved {phones} phones and booked for {families} families with them.",
    },
    "A3": {
        "es": "{count} cuentas usan correos desechables.",
        "en": "{count} accounts use throw-away e-mail.",
    },
    "A4": {
        "es": "{count} cuentas se registraron en una hora con correos hechos con el mismo molde.",
        "en": "{count} accounts signed up within an hour under e-mail addresses built alike.",
    },
    "A5": {
        "es": "{count} cuentas dieron el mismo teléfono sin comprobarlo, para {families} familias.",
        "en": "{count} accounts gave one phone without proving it, for {families} families.",
    },
}


def contact(facts: Facts, rules: RuleSet) -> Iterator[Contribution]:
    if facts.aliases:
        yield contribution("A1", min(facts.aliases * rules["A1"]["each"], rules["A1"]["cap"]), count=facts.aliases)
    yield from _shared_phone(facts, rules)
    if facts.disposable:
        rule = rules["A3"]
        yield contribution("A3", min(facts.disposable * rule["each"], rule["cap"]), count=facts.disposable)
    if facts.template >= rules["A4"]["from"]:
        rule = rules["A4"]
        yield contribution("A4", min(facts.template * rule["each"], rule["cap"]), count=facts.template)
    if facts.stated_accounts >= rules["A5"]["from"] and facts.families >= rules["A5"]["families"]:
        yield contribution("A5", rules["A5"]["bits"], count=facts.stated_accounts, families=facts.families)


def _shared_phone(facts: Facts, rules: RuleSet) -> Iterator[Contribution]:
    """A2. Couples and relatives share a phone; many accounts of unrelated families on few phones do not happen."""
    rule = rules["A2"]
    extra = facts.phone_surplus
    if extra >= rule["extra"] and facts.phone_families >= rule["families"]:
        points = rule["bits"] + (extra - rule["extra"]) * rule["each"]
        yield contribution(
            "A2",
            min(points, rule["cap"]),
            count=facts.own_phones + facts.phone_surplus,
            phones=facts.own_phones,
            families=facts.phone_families,
        )
