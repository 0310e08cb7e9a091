"""How long personal data stay, in one table that the code runs and docs/retention.md shows.

Each room appends its rules to RULES. A rule names tables and columns, so this file imports no room.
"""

from datetime import datetime, timedelta

from django.db import connection, transaction

from mexitel.utils.retention_adverts import ADVERTS
from mexitel.utils.retention_calendar import CALENDAR
from mexitel.utils.retention_demand import DEMAND
from mexitel.utils.retention_draws import DRAWS
from mexitel.utils.retention_fairness import FAIRNESS, MEMORY
from mexitel.utils.retention_holding import HOLDING
from mexitel.utils.retention_queue import QUEUES
from mexitel.utils.retention_rule import Rule
from mexitel.utils.retention_traces import TRACES
from mexitel.utils.retention_waiting import WAITING

BATCH = 1000
DROPS = {"outbox_message": "drop_finished_outbox_months", "appointments_trace": "drop_trace_months"}
RULES: list[Rule] = [
    Rule(
        table="outbox_message",
        column="created_at",
        after=timedelta(days=60),
        action="drop_month",
        why="Says only that something was done; two months are enough to answer a complaint.",
    ),
    Rule(
        table="outbox_outgoing_message",
        column="expires_at",
        after=timedelta(days=1),
        action="blank",
        values={"body": "''"},
        only="body <> ''",
        why="A code, or an offer, is worth nothing once it ended.",
    ),
    Rule(
        table="outbox_outgoing_message",
        column="sent_at",
        after=timedelta(days=30),
        action="blank",
        values={"body": "''", "recipient": "''"},
        only="(body <> '' OR recipient <> '')",
        why="The person has the message; what stays proves that it was sent.",
    ),
    Rule(
        table="outbox_outgoing_message",
        column="created_at",
        after=timedelta(days=365),
        action="delete",
        why="Nobody asks for a receipt of a message after a year.",
    ),
    Rule(
        table="accounts_coderequest",
        column="expires_at",
        after=timedelta(days=1),
        action="delete",
        why="A code is worth nothing after minutes; a day is enough to explain why one did not work.",
    ),
    Rule(
        table="accounts_limithit",
        column="at",
        after=timedelta(days=2),
        action="delete",
        why="The longest limit looks one day back.",
    ),
    Rule(
        table="django_session",
        column="expire_date",
        after=timedelta(days=1),
        action="delete",
        why="The session is over.",
    ),
    Rule(
        table="consulates_upload",
        column="created_at",
        after=timedelta(days=1),
        action="delete",
        why="A file to import is saved or left on the day on which it was brought; the audit trail says what it made.",
    ),
    Rule(
        table="api_apitoken",
        column="expires_at",
        after=timedelta(days=1),
        action="delete",
        why="The sign-in of a program is over.",
    ),
    Rule(
        table="appointments_reminder",
        column="starts_at",
        after=timedelta(days=30),
        action="delete",
        why="After the appointment nobody is reminded of it.",
    ),
    Rule(
        table="appointments_bookingdraft",
        column="updated_at",
        after=timedelta(days=1),
        action="delete",
        why="Answers typed and never confirmed help only somebody who comes back soon.",
    ),
    Rule(
        table="appointments_caller",
        column="last_call_at",
        after=timedelta(days=180),
        action="delete",
        why="Half a year after the last call no appointment of theirs is left; who calls again is registered again.",
    ),
    Rule(
        table="appointments_recovery",
        column="effective_at",
        after=timedelta(days=90),
        action="delete",
        why="Long enough to complain about a contact that changed; the audit trail keeps that it did.",
    ),
    Rule(
        table="appointments_attendee",
        column="until",
        parent=("appointments_appointment", "appointment_id"),
        after=timedelta(days=180),
        action="blank",
        values={
            **dict.fromkeys(("given_names", "surname_1", "surname_2", "birth_date", "curp"), "''"),
            **dict.fromkeys(("guardian_name", "interpreter"), "''"),
            "curp_hash": "NULL",
            "wheelchair": "false",
            "sign_language": "false",
            "priority": "false",
        },
        only="chosen.birth_date <> ''",
        why="Half a year after the day nobody needs to know who came; the appointment stays as a number.",
    ),
    Rule(
        table="appointments_attendancestep",
        column="changed_at",
        parent=("appointments_attendance", "attendance_id"),
        after=timedelta(days=180),
        action="delete",
        why="Who received somebody, and when, is forgotten with the name of that person; the day's numbers stay.",
    ),
    Rule(
        table="appointments_attendance",
        column="changed_at",
        after=timedelta(days=180),
        action="delete",
        only="NOT EXISTS (SELECT FROM appointments_attendancestep WHERE attendance_id = chosen.id)",
        why="Goes with its steps.",
    ),
    Rule(
        table="appointments_orphancall",
        column="at",
        after=timedelta(days=180),
        action="blank",
        values={"note": "''"},
        only="chosen.note <> ''",
        why="What was noted about a call after a closure helps only until everybody has a new time.",
    ),
    Rule(
        table="audit_line",
        column="at",
        after=timedelta(days=5 * 365),
        action="owner",
        why="Acts of public servants are kept for five years; nobody who serves may shorten them.",
    ),
    Rule(
        table="appointments_hold",
        column="expires_at",
        after=timedelta(days=1),
        action="delete",
        why="A hold says nothing once it is over; a day answers the last second tap. The events tell its history.",
    ),
    Rule(
        table="appointments_freedseat",
        column="until",
        after=timedelta(0),
        action="delete",
        why="After its 24 hours it keeps nobody from a seat.",
    ),
    Rule(
        table="appointments_idempotency",
        column="created_at",
        after=timedelta(hours=24),
        action="delete",
        why="The answer to a repeated request is promised for 24 hours.",
    ),
]


RULES += [
    Rule(
        table="appointments_emergencyproof",
        column="closed_at",
        parent=("appointments_emergencyrequest", "request_id"),
        after=timedelta(hours=72),
        action="delete",
        why="Proof of an emergency serves the decision and nothing else; three days are enough to ask about it.",
    ),
    Rule(
        table="appointments_emergencyproof",
        column="updated_at",
        parent=("appointments_emergencyrequest", "request_id"),
        after=timedelta(days=1),
        action="delete",
        only="parent.status = 'draft'",
        why="Proof of a request that was never sent.",
    ),
    Rule(
        table="appointments_emergencyproof",
        column="created_at",
        after=timedelta(days=30),
        action="delete",
        why="Whatever became of the request, nobody keeps a person's papers for longer.",
    ),
    Rule(
        table="appointments_emergencyrequest",
        column="updated_at",
        after=timedelta(days=1),
        action="delete",
        only="chosen.status = 'draft'"
        " AND NOT EXISTS (SELECT FROM appointments_emergencyproof p WHERE p.request_id = chosen.id)",
        why="Answers typed and never sent help only somebody who comes back soon.",
    ),
    Rule(
        table="appointments_emergencyrequest",
        column="closed_at",
        after=timedelta(days=180),
        action="blank",
        values=dict.fromkeys(("words", "people", "answer", "call_reference"), "''"),
        only="(words <> '' OR people <> '' OR answer <> '' OR call_reference <> '')",
        why="Half a year is enough for the monthly sample and a complaint; the decision stays as a number.",
    ),
    Rule(
        table="appointments_grant",
        column="created_at",
        after=timedelta(days=5 * 365),
        action="owner",
        why="Who gave which seat outside the public pool is an act of a public servant, as in the audit.",
    ),
    Rule(
        table="appointments_sampledrequest",
        column="reviewed_at",
        after=timedelta(days=5 * 365),
        action="blank",
        values={"note": "''"},
        only="note <> ''",
        why="As acts of public servants.",
    ),
]
RULES += [*TRACES, *FAIRNESS, *HOLDING, *MEMORY, *WAITING, *QUEUES, *DRAWS, *CALENDAR, *DEMAND, *ADVERTS]


def as_table(rules: list[Rule]) -> str:
    """The rules as docs/retention.md shows them."""
    lines = ["| table | counted from | after | what happens | why |", "| --- | --- | --- | --- | --- |"]
    for rule in rules:
        columns = ", ".join(f"`{column}`" for column in rule.values)
        what = {
            "delete": "the row is deleted",
            "blank": f"{columns} made empty",
            "drop_month": "the whole month is dropped, when nothing in it waits",
            "owner": "the month is dropped by the database's owner, by hand",
        }[rule.action]
        since = f"`{rule.parent[0]}.{rule.column}`" if rule.parent else f"`{rule.column}`"
        lines.append(f"| `{rule.table}` | {since} | {rule.after.days} days | {what} | {rule.why} |")
    return "\n".join(lines) + "\n"


def apply(*, now: datetime, tables: set[str] | None = None) -> dict[str, int]:
    """Run every rule, or those of ``tables``, in small transactions; returns rows by table, action and column."""
    done: dict[str, int] = {}
    for rule in RULES:
        if tables is not None and rule.table not in tables:
            continue
        key = f"{rule.table} {rule.action} {rule.column}"
        done[key] = done.get(key, 0) + _run(rule, now - rule.after)
    return done


def _run(rule: Rule, before: datetime) -> int:
    if rule.action == "owner":
        return 0
    if rule.action == "drop_month":
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"SELECT {DROPS[rule.table]}(%s)", [before])
            return cursor.fetchone()[0]
    total = 0
    while touched := _batch(rule, before):
        total += touched
    return total


def _batch(rule: Rule, before: datetime) -> int:
    name = connection.ops.quote_name
    table = name(rule.table)
    if rule.action == "delete":
        change = f"DELETE FROM {table}"  # noqa: S608 - names come from RULES, never from a request
    else:
        values = ", ".join(f"{name(column)} = {value}" for column, value in rule.values.items())
        change = f"UPDATE {table} SET {values}"  # noqa: S608
    aged, joined = "chosen", ""
    if rule.parent:
        aged, joined = "parent", f" JOIN {name(rule.parent[0])} parent ON parent.id = chosen.{name(rule.parent[1])}"
    chosen = (
        f"SELECT chosen.tableoid, chosen.ctid FROM {table} chosen{joined}"  # noqa: S608
        f" WHERE {aged}.{name(rule.column)} < %s AND {rule.only}"
        f" LIMIT {BATCH} FOR UPDATE OF chosen SKIP LOCKED"
    )
    # The array is what makes it a look-up of places; months of one table have the same places, so those are told apart.
    found = "ctid = ANY (ARRAY(SELECT ctid FROM old)) AND (tableoid, ctid) IN (SELECT tableoid, ctid FROM old)"
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"WITH old AS MATERIALIZED ({chosen}) {change} WHERE {found}", [before])
        return cursor.rowcount
