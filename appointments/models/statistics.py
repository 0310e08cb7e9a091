"""Daily facts, the source of every public figure: numbers by office and local day, never about a person.

Written by appointments/statistics/facts.py out of the ledger. What each column counts stands in
appointments/statistics/definitions.py, which pages, files and the data dictionary show. Days of a frozen month
refuse every change (appointments/sql/13_figures.sql).
"""

from django.db import models
from django.db.models import F, Q

from appointments.enums import Channel
from consulates.models import SessionKind


def _office() -> models.ForeignKey:
    return models.ForeignKey(
        "consulates.Consulate", on_delete=models.PROTECT, db_constraint=False, db_index=False, related_name="+"
    )


def _procedure() -> models.ForeignKey:
    return models.ForeignKey(
        "consulates.Procedure", on_delete=models.PROTECT, db_constraint=False, db_index=False, related_name="+"
    )


class SupplyFact(models.Model):
    """What an office opened on one day in sessions of one kind; ``is_sample``: an invented day of a demonstration."""

    pk = models.CompositePrimaryKey("consulate_id", "day", "kind")
    day = models.DateField()
    consulate = _office()
    kind = models.CharField(max_length=10, choices=SessionKind.choices)
    sessions = models.IntegerField()
    sessions_held = models.IntegerField()
    nominal = models.IntegerField()
    offered = models.IntegerField()
    reserved = models.IntegerField()
    is_sample = models.BooleanField()

    class Meta:
        indexes = [models.Index(fields=["day"], name="supply_fact_day")]
        constraints = [
            models.CheckConstraint(
                condition=Q(sessions__gte=0, sessions_held__gte=0, offered__gte=0, reserved__gte=0)
                & Q(nominal__gte=F("offered") + F("reserved")),
                name="supply_fact_fits_its_capacity",
            ),
        ]

    def __str__(self) -> str:
        return f"supply of {self.consulate_id} on {self.day}"


class OfferFact(models.Model):
    """Places of that day which one procedure could have used. One place serves several: these never add up."""

    pk = models.CompositePrimaryKey("consulate_id", "day", "kind", "procedure_id")
    day = models.DateField()
    consulate = _office()
    kind = models.CharField(max_length=10, choices=SessionKind.choices)
    procedure = _procedure()
    offered = models.IntegerField()

    class Meta:
        indexes = [models.Index(fields=["day"], name="offer_fact_day")]
        constraints = [models.CheckConstraint(condition=Q(offered__gte=0), name="offer_fact_counts_up")]

    def __str__(self) -> str:
        return f"offer of {self.consulate_id} on {self.day}"


class UseFact(models.Model):
    """What became of the appointments of that day, by procedure and by the channel through which they were made."""

    pk = models.CompositePrimaryKey("consulate_id", "day", "kind", "procedure_id", "channel")
    day = models.DateField()
    consulate = _office()
    kind = models.CharField(max_length=10, choices=SessionKind.choices)
    procedure = _procedure()
    channel = models.CharField(max_length=10, choices=Channel.choices)
    booked = models.IntegerField()
    kept = models.IntegerField()
    no_show = models.IntegerField()
    cancelled = models.IntegerField()
    moved_away = models.IntegerField()
    displaced = models.IntegerField()
    freed = models.IntegerField()
    reused = models.IntegerField()
    lead_days = models.IntegerField()

    class Meta:
        indexes = [models.Index(fields=["day"], name="use_fact_day")]
        constraints = [
            models.CheckConstraint(
                condition=Q(kept__gte=0, no_show__gte=0, cancelled__gte=0, moved_away__gte=0, displaced__gte=0)
                & Q(booked__gte=F("kept") + F("no_show")),
                name="use_fact_adds_up",
            ),
            models.CheckConstraint(
                condition=Q(reused__gte=0, freed__gte=F("reused")), name="use_fact_reuses_what_was_freed"
            ),
        ]

    def __str__(self) -> str:
        return f"use of {self.consulate_id} on {self.day}"


class WaitFact(models.Model):
    """How many days away the soonest free place was when the portal looked, at noon of the office; null: none was free.

    Not a count of the ledger but a look at that moment, kept as it was: written once, never changed.
    """

    pk = models.CompositePrimaryKey("consulate_id", "day", "procedure_id")
    day = models.DateField()
    consulate = _office()
    procedure = _procedure()
    days = models.SmallIntegerField(null=True)

    class Meta:
        indexes = [models.Index(fields=["day"], name="wait_fact_day")]
        constraints = [models.CheckConstraint(condition=Q(days__gte=0) | Q(days=None), name="wait_fact_looks_ahead")]

    def __str__(self) -> str:
        return f"wait at {self.consulate_id} on {self.day}"


class FrozenMonth(models.Model):
    """A month whose facts stay for ever.

    ``facts_sha256`` is of its facts in canonical order; ``files`` has the SHA-256 of each published file by name.
    """

    month = models.DateField(primary_key=True)
    frozen_at = models.DateTimeField()
    facts_sha256 = models.CharField(max_length=64)
    files = models.JSONField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(month__day=1), name="frozen_month_is_its_first_day")]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m} frozen"


class FiguresSeen(models.Model):
    """Up to which moment the ledger was read for days that changed afterwards. One row."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    until = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="figures_seen_is_one_row")]

    def __str__(self) -> str:
        return f"ledger read until {self.until}"
