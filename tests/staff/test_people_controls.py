"""What would happen without the guards, each on a database of its own where the schema's owner takes one away."""

from django.db import connection

from mexitel.audit.models import AuditLine
from mexitel.audit.services import record
from mexitel.utils.time import now as clock
from tests.factories import appointments as make
from tests.factories.consulates import ConsulateFactory
from tests.staff.test_people_audit import partitions


def test_control_without_the_line_in_the_claim_a_citizen_would_get_it(owner_connection):
    office = ConsulateFactory(code="practica", is_practice=True)
    slot = make.slot(consulate=office)
    booker = make.account()
    assert make.hold(booker, slot).code == "unknown_slot"
    with owner_connection.cursor() as cursor:
        cursor.execute("SELECT pg_get_functiondef('slot_barred(bigint,bigint,jsonb,timestamptz)'::regprocedure)")
        [text] = cursor.fetchone()
        assert "slot.is_practice AND p_pass ->> 'agent' IS NULL" in text
        cursor.execute(text.replace("slot.is_practice AND p_pass ->> 'agent' IS NULL", "false"))

    assert make.hold(booker, slot).ok


def test_control_with_the_right_the_partition_would_obey_but_for_its_trigger(owner_connection):
    record(actor=None, action="x.y", target=("x", 1), now=clock())
    cursor = owner_connection.cursor()
    for name in partitions():
        cursor.execute(f"GRANT UPDATE ON {name} TO mexitel_app")
        cursor.execute(f"ALTER TABLE {name} DISABLE TRIGGER USER")
    for name in partitions():
        connection.cursor().execute(f"UPDATE {name} SET reason = 'x'")
    assert AuditLine.objects.get().reason == "x"
