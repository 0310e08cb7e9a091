"""The portal's own rule sets, for ``antifraud.rulesets``: what is published is read here, files come first."""

from datetime import datetime

from antifraud.models import RuleSetRecord
from antifraud.rulesets import RuleSet, from_data


class Table:
    """Nothing is remembered between calls: what is in force changes at a moment, on all machines."""

    def by_number(self, number: int) -> RuleSet | None:
        data = RuleSetRecord.objects.published().filter(number=number).values_list("data", flat=True).first()
        return from_data(data) if data is not None else None

    def in_force(self, now: datetime) -> RuleSet | None:
        data = RuleSetRecord.objects.in_force(now=now).values_list("data", flat=True).first()
        return from_data(data) if data is not None else None
