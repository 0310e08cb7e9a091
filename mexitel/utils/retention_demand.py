"""How long counted demand is kept. No row is about a person."""

from datetime import timedelta

from mexitel.utils.retention_rule import Rule

DEMAND = [
    Rule(
        table="appointments_demandcell",
        column="week",
        after=timedelta(days=3 * 365),
        action="delete",
        why="Numbers by area and week, about nobody; after three years no plan asks for a week.",
    ),
]
