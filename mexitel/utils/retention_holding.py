"""How long it is kept what was corrected of who attends, and what was heard before an appointment."""

from datetime import timedelta

from mexitel.utils.retention_rule import Rule

HOLDING = [
    Rule(
        table="appointments_correction",
        column="until",
        parent=("appointments_appointment", "appointment_id"),
        after=timedelta(days=180),
        action="blank",
        values={"before": "''"},
        only="chosen.before <> ''",
        why="What was mistyped goes with the names; that something was corrected stays as a number.",
    ),
    Rule(
        table="appointments_comingnote",
        column="until",
        parent=("appointments_appointment", "appointment_id"),
        after=timedelta(days=180),
        action="delete",
        why="Half a year after the day nobody asks who said that they would come.",
    ),
]
