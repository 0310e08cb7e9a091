"""How long the engine's ears remember: what the edge saw of bookers, and what it was told."""

from datetime import timedelta

from mexitel.utils.retention_rule import Rule

TRACES = [
    Rule(
        table="appointments_trace",
        column="at",
        after=timedelta(days=90),
        action="blank",
        values={"prefix": "''"},
        only="prefix <> ''",
        why="A network tells who acts together within weeks; afterwards it has new customers.",
    ),
    Rule(
        table="appointments_trace",
        column="at",
        after=timedelta(days=180),
        action="blank",
        values={"device": "''"},
        only="device <> ''",
        why="As long as the cookie whose hash it is.",
    ),
    Rule(
        table="appointments_trace",
        column="at",
        after=timedelta(days=180),
        action="drop_month",
        why="Without browser and network it tells nothing that the ledger does not.",
    ),
    Rule(
        table="antifraud_sighting",
        column="at",
        after=timedelta(days=90),
        action="blank",
        values={"detail": "detail - 'prefix' - 'asn_kind'"},
        only="jsonb_exists(detail, 'prefix')",
        why="The network of a sign-up goes as that of a booking does; the rest of the detail stays.",
    ),
    Rule(
        table="antifraud_sighting",
        column="at",
        after=timedelta(days=180),
        action="blank",
        values={"detail": "detail - 'device'"},
        only="kind = 'register' AND jsonb_exists(detail, 'device')",
        why="The browser of a sign-up goes with its cookie; what staff marked as public stays marked.",
    ),
    Rule(
        table="antifraud_sighting",
        column="at",
        after=timedelta(days=2 * 365),
        action="delete",
        why="A confirmed broker is remembered for two years; nothing else needs to be.",
    ),
]
