"""Group A: mailboxes and phones that several bookers share."""

from collections.abc import Iterator

from antifraud.evidence.contribution import Contribution, contribution
from antifraud.facts import Facts
from antifraud.rulesets import RuleSet

SENTENCES = {
    "A1": {
        "es": "Además de la primera, {count} cuentas usan variantes del mismo buzón de correo.",
        "en": "Beyond the first, {count} accounts use spellings of one mailbox.",
        "es_1": "Además de la primera, otra cuenta usa una variante del mismo buzón de correo.",
        "en_1": "Beyond the first, one more account uses a spelling of the mailbox.",
    },
    "A2": {
        "es": "{count} cuentas usan un teléfono que ya era de otra familia: {accounts} cuentas con {phones} teléfonos.",
        "en": "{count} accounts use a phone of another family: {accounts} accounts with {phones} phones.",
        "es_1": "Una cuenta usa un teléfono que ya era de otra familia: {accounts} cuentas con {phones} teléfonos.",
        "en_1": "One account uses a phone of another family: {accounts} accounts with {phones} phones.",
    },
    "A3": {
        "es": "{count} cuentas usan correos desechables.",
        "en": "{count} accounts use throw-away e-mail.",
        "es_1": "Una cuenta usa un correo desechable.",
        "en_1": "One account uses throw-away e-mail.",
    },
    "A4": {
        "es": "{count} cuentas se registraron en una hora con correos hechos con el mismo molde.",
        "en": "{count} accounts signed up within an hour under e-mail addresses built alike.",
    },
}


def contact(facts: Facts, rules: RuleSet) -> Iterator[Contribution]:
    if facts.aliases:
        rule = rules["A1"]
        points = facts.alias_strangers * rule["each"] + (facts.aliases - facts.alias_strangers) * rule["kin"]
        yield contribution("A1", min(points, rule["cap"]), count=facts.aliases)
    yield from _shared_phone(facts, rules)
    if facts.disposable:
        rule = rules["A3"]
        yield contribution("A3", min(facts.disposable * rule["each"], rule["cap"]), count=facts.disposable)
    if facts.template >= rules["A4"]["from"]:
        rule = rules["A4"]
        yield contribution("A4", min(facts.template * rule["each"], rule["cap"]), count=facts.template)


def _shared_phone(facts: Facts, rules: RuleSet) -> Iterator[Contribution]:
    """A2. Couples and relatives share a phone; many accounts of unrelated families on few phones do not happen."""
    rule = rules["A2"]
    if facts.phone_strangers >= rule["from"]:
        points = rule["bits"] + (facts.phone_strangers - rule["from"]) * rule["each"]
        yield contribution(
            "A2",
            min(points, rule["cap"]),
            count=facts.phone_strangers,
            accounts=facts.phoned,
            phones=facts.phones,
        )
