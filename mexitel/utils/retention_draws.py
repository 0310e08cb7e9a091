"""How long applications to draws stay: a loss counts in the draws of half a year, and then nobody needs to know whose
it was. The public folder, which names nobody, stays.
"""

from datetime import timedelta

from mexitel.utils.retention_rule import Rule

AFTER = timedelta(days=240)
DRAWS = [
    Rule(
        table="appointments_drawperson",
        column="changed_at",
        parent=("appointments_drawapplication", "application_id"),
        after=AFTER,
        action="delete",
        why="Who was in an application matters as long as a loss counts in later draws.",
    ),
    Rule(
        table="appointments_drawwin",
        column="won_at",
        after=AFTER,
        action="delete",
        only="chosen.outcome <> ''",
        why="What was won is an appointment or went to somebody else; the public folder keeps the result.",
    ),
    Rule(
        table="appointments_drawapplication",
        column="changed_at",
        after=AFTER,
        action="delete",
        only="NOT EXISTS (SELECT FROM appointments_drawperson p WHERE p.application_id = chosen.id)"
        " AND NOT EXISTS (SELECT FROM appointments_drawwin w WHERE w.application_id = chosen.id)"
        " AND NOT EXISTS (SELECT FROM appointments_drawapplication n WHERE n.carried_from_id = chosen.id)",
        why="Goes with its people; the ticket in the public folder says nothing of anybody.",
    ),
]
