"""How long wishes for news of openings are kept, and that they were told."""

from datetime import timedelta

from mexitel.utils.retention_rule import Rule

CALENDAR = [
    Rule(
        table="appointments_releasealert",
        column="stopped_at",
        after=timedelta(days=30),
        action="delete",
        why="A link in an old message still says that the news was stopped; then nothing needs the wish.",
    ),
    Rule(
        table="appointments_releasetold",
        column="at",
        after=timedelta(days=90),
        action="delete",
        why="News is told once; after a season no release of it is looked at again.",
    ),
]
