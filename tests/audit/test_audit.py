from datetime import UTC, datetime

import pytest
from django.db import DatabaseError, connection, transaction

from mexitel.audit import services
from mexitel.audit.models import AuditLine
from mexitel.outbox.models import Heartbeat

NOW = datetime(2026, 11, 23, 18, tzinfo=UTC)


class Person:
    pk, role = 7, "reviewer"


def record(**changes):
    words = {"actor": Person(), "action": "appointment.cancel", "target": ("appointment", 12), "now": NOW}
    return services.record(**{**words, **changes})


def test_record_keeps_who_did_what_to_which_and_why(db):
    key = record(reason="La persona lo pidió.", office_id=3, detail={"slot": 9})

    line = AuditLine.objects.get(id=key)
    assert (line.at, line.actor_id, line.actor_kind, line.action) == (NOW, 7, "reviewer", "appointment.cancel")
    assert (line.object_type, line.object_id, line.office_id) == ("appointment", "12", 3)
    assert (line.reason, line.detail) == ("La persona lo pidió.", {"slot": 9})


def test_record_takes_models_as_targets_and_machines_as_actors(db):
    record(actor=None, target=Heartbeat(name="relay"))
    record(actor="relay")

    assert list(AuditLine.objects.order_by("id").values_list("actor_id", "actor_kind", "object_type", "object_id")) == [
        (None, "system", "outbox.heartbeat", "relay"),
        (None, "relay", "appointment", "12"),
    ]


def test_record_stands_and_falls_with_the_callers_transaction(db):
    def fail():
        with transaction.atomic():
            record()
            raise KeyError

    with pytest.raises(KeyError):
        fail()

    assert AuditLine.objects.count() == 0


CHANGES = [
    "UPDATE audit_line SET reason = 'x'",
    "DELETE FROM audit_line",
    "TRUNCATE audit_line",
    "UPDATE audit_line_default SET reason = 'x'",
    "ALTER TABLE audit_line DISABLE TRIGGER USER",
    "DROP TABLE audit_line",
]


@pytest.mark.parametrize("change", CHANGES)
def test_the_serving_role_cannot_change_the_trail(db, change):
    record()

    with pytest.raises(DatabaseError, match=r"permission denied|must be owner"), transaction.atomic():
        connection.cursor().execute(change)

    assert AuditLine.objects.get().reason == ""


@pytest.mark.parametrize("change", CHANGES[:3])
def test_even_the_owner_is_stopped_by_the_trigger(owner_connection, change):
    record()

    with pytest.raises(Exception, match="append-only"):
        owner_connection.cursor().execute(change)


def test_control_without_the_guards_the_trail_can_be_changed(owner_connection):
    record()
    cursor = owner_connection.cursor()
    cursor.execute("DROP TRIGGER audit_line_keep ON audit_line; GRANT UPDATE ON audit_line TO mexitel_app")

    AuditLine.objects.update(reason="x")

    assert AuditLine.objects.get().reason == "x"
