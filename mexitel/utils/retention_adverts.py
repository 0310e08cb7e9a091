"""How long the register of adverts keeps what. Dates and states stay as numbers: the figures are made of them."""

from datetime import timedelta

from mexitel.utils.retention_rule import Rule

ADVERTS = [
    Rule(
        table="antifraud_postcapture",
        column="taken_at",
        after=timedelta(days=180),
        action="delete",
        why="Half a year is enough for the platform to ask; a picture may show more people than the one who sells.",
    ),
    Rule(
        table="antifraud_postnotice",
        column="told_at",
        after=timedelta(days=90),
        action="blank",
        values={"reporter": "''", "reporter_key": "NULL"},
        only="(reporter <> '' OR reporter_key IS NOT NULL)",
        why="After three months nobody asks whoever told of an advert anything.",
    ),
    Rule(
        table="antifraud_postnotice",
        column="told_at",
        after=timedelta(days=365),
        action="blank",
        values=dict.fromkeys(("address", "words", "contact"), "''"),
        only="(address <> '' OR words <> '' OR contact <> '')",
        why="A year is enough to follow an advert; that somebody told of it stays as a number.",
    ),
    Rule(
        table="antifraud_post",
        column="last_told_at",
        after=timedelta(days=365),
        action="blank",
        values={
            **dict.fromkeys(("address", "words", "contact", "excerpt", "place"), "''"),
            **dict.fromkeys(("address_key", "contact_key"), "NULL"),
            "matches": "'[]'",
        },
        only="(address <> '' OR words <> '' OR contact <> '' OR excerpt <> '' OR place <> ''"
        " OR address_key IS NOT NULL OR contact_key IS NOT NULL OR matches <> '[]'::jsonb)",
        why="A year after it was told of for the last time the figures need only its dates and what became of it.",
    ),
    Rule(
        table="antifraud_postexport",
        column="made_at",
        after=timedelta(days=365),
        action="blank",
        values={"rows": "''"},
        only="rows <> ''",
        why="The platform has had its file for a year.",
    ),
]
