"""How long the queues of releases keep who stood in them."""

from datetime import timedelta

from mexitel.utils.retention_rule import Rule

QUEUES = [
    Rule(
        table="appointments_queueticket",
        column="opens_to_all_at",
        parent=("consulates_release", "release_id"),
        after=timedelta(days=2),
        action="blank",
        values={"email_key": "NULL", "phone_key": "NULL"},
        only="(chosen.email_key IS NOT NULL OR chosen.phone_key IS NOT NULL)",
        why="One ticket for each mailbox and phone matters only while people join.",
    ),
    Rule(
        table="appointments_queueticket",
        column="opens_to_all_at",
        parent=("consulates_release", "release_id"),
        after=timedelta(days=90),
        action="delete",
        why="Long enough to find oneself in the published list and to complain; the list itself has no names.",
    ),
]
