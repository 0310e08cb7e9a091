"""What a run left in the database, as the checker reads it: plain numbers and ids, nobody's data."""

import email
import re
from collections import defaultdict
from email import policy
from typing import Any

from tests.faults.whole_portal import WholePortal

REFERENCE = re.compile(r"\b[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]\b")
EPOCH = "extract(epoch FROM {})::float8"
QUERIES = {
    "seats": "SELECT id, slot_id AS slot, holder, {until} AS until FROM consulates_seat",
    "holds": "SELECT id, account_id AS account, seat_ids AS seats, scope_ids AS scopes, replaces, outcome,"
    " {closed_at} AS closed, {expires_at} AS expires FROM appointments_hold",
    "appointments": "SELECT id, reference, account_id AS account, party_id AS party, applicant_id AS applicant,"
    ' procedure_group AS "group", slot_id AS slot, seat_id AS seat, scope_ids AS scopes, status, times_moved AS moves,'
    " {until} AS until, {created_at} AS created FROM appointments_appointment",
    "permits": "SELECT scope_id AS scope, holder, {until} AS until FROM appointments_permit",
    "events": "SELECT id, kind, subject FROM appointments_event",
    "outbox": "SELECT kind, payload ->> 'party' AS party, done_at IS NOT NULL AS done FROM outbox_message",
}


def left_by(portal: WholePortal, world: dict) -> dict[str, Any]:
    """Every table of ``QUERIES`` as a list of dictionaries, and what the run was planned with."""
    tables: dict[str, Any] = {
        "now": portal.rows("SELECT extract(epoch FROM now())::float8")[0][0],
        "planned": world["planned"],
        "mailboxes": {str(one["number"]): one["mailbox"] for one in world["accounts"]},
    }
    for name, query in QUERIES.items():
        asked = re.sub(r"{(\w+)}", lambda found: EPOCH.format(found[1]), query)
        tables[name] = [row for (row,) in portal.rows(f"SELECT to_jsonb(one) FROM ({asked}) AS one")]
    tables["mails"] = confirmations(portal)
    return tables


def confirmations(portal: WholePortal) -> dict[str, dict[str, list[float]]]:
    """For each reference: the messages that confirmed it by their Message-ID, and when each of them arrived.

    A mailbox shows a Message-ID once, however often its server was handed it.
    """
    kinds = dict(portal.rows("SELECT id, kind FROM outbox_outgoing_message"))
    found: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for file in sorted((portal.run / "messages").glob("*.eml"), key=lambda file: file.stat().st_mtime):
        mail = email.message_from_bytes(file.read_bytes(), policy=policy.default)
        if kinds.get(int(mail["Message-ID"].split(".")[1])) == "appointment.booked":
            for reference in set(REFERENCE.findall(mail.get_body(("plain",)).get_content())):
                found[reference.replace("-", "")][mail["Message-ID"]].append(file.stat().st_mtime)
    return found
