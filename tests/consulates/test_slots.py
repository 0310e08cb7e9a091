from datetime import timedelta
from itertools import product
from uuid import uuid4

import pytest
from django.db import connection

from consulates.models import Gate, Pool, Seat, Slot
from consulates.models.slot import FREE_SEAT_SQL, NO_QUEUE_SQL, OPEN_SLOT_SQL
from consulates.services import plan_session
from tests.factories.consulates import NOW, ConsulateFactory, published_session, session_plan

MOMENTS = [NOW - timedelta(seconds=1), NOW, NOW + timedelta(seconds=1)]


@pytest.fixture
def slot(db):
    return published_session(ConsulateFactory()).slots.first()


def ids_by_sql(table: str, alias: str, condition: str) -> set[int]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT id FROM {table} {alias} WHERE {condition}", {"now": NOW})
        return {row[0] for row in cursor.fetchall()}


def test_free_means_the_same_in_queryset_and_sql(slot):
    Seat.objects.all().delete()
    cases = product(MOMENTS, [None, *MOMENTS], [None, NOW], [None, uuid4()])
    for number, (visible_at, until, withdrawn_at, holder) in enumerate(cases, start=1):
        Seat.objects.create(
            slot=slot, unit=number, visible_at=visible_at, until=until, withdrawn_at=withdrawn_at, holder=holder
        )

    free = set(Seat.objects.free(now=NOW).values_list("id", flat=True))

    assert free == ids_by_sql("consulates_seat", "seat", FREE_SEAT_SQL)
    # Two moments of visibility times three endings (none, past, this very moment) times two holders.
    assert len(free) == 2 * 3 * 2


def test_a_hold_that_has_ended_is_free_though_its_holder_stands(slot):
    seat = slot.seats.first()
    seat.holder, seat.until = uuid4(), NOW
    seat.save()
    assert seat in Seat.objects.free(now=NOW)
    assert seat not in Seat.objects.free(now=NOW - timedelta(seconds=1))


def test_open_means_the_same_in_queryset_and_sql(slot):
    starts = [NOW, NOW + timedelta(seconds=1)]
    cases = product(starts, MOMENTS, Gate.values, [None, *MOMENTS], [None, NOW])
    for number, (starts_at, opens_at, gate, opens_to_all_at, closed_at) in enumerate(cases):
        Slot.objects.create(
            session=slot.session,
            consulate=slot.consulate,
            starts_at=starts_at + timedelta(microseconds=number),
            ends_at=starts_at + timedelta(hours=1),
            opens_at=opens_at,
            gate=gate,
            opens_to_all_at=opens_to_all_at,
            closed_at=closed_at,
        )

    found = set(Slot.objects.open(now=NOW).values_list("id", flat=True))
    to_all = set(Slot.objects.open_to_all(now=NOW).values_list("id", flat=True))

    assert found == ids_by_sql("consulates_slot", "slot", OPEN_SLOT_SQL)
    assert to_all == ids_by_sql("consulates_slot", "slot", f"{OPEN_SLOT_SQL} AND {NO_QUEUE_SQL}")
    assert set(Slot.objects.filter(pk__in=found - to_all).values_list("gate", flat=True)) == {Gate.QUEUE}


def test_slots_of_a_draft_are_not_open(db):
    draft = plan_session(session_plan(ConsulateFactory()))
    slot = Slot.objects.create(
        session=draft,
        consulate=draft.consulate,
        starts_at=NOW + timedelta(hours=1),
        ends_at=NOW + timedelta(hours=2),
        opens_at=NOW,
    )
    assert slot not in Slot.objects.open(now=NOW)


def test_no_index_holds_what_a_claim_changes(db):
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexdef FROM pg_indexes WHERE tablename = 'consulates_seat'")
        definitions = " ".join(row[0] for row in cursor.fetchall())
        cursor.execute("SELECT reloptions FROM pg_class WHERE relname = 'consulates_seat'")
        [options] = cursor.fetchone()
    assert not {"visible_at", "holder", "until", "withdrawn_at"} & set(
        definitions.replace(",", " ").replace("(", " ").replace(")", " ").split()
    )
    assert options == ["fillfactor=70"]


def test_a_new_seat_is_public_and_a_new_slot_is_open(slot):
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO consulates_seat (slot_id, unit, visible_at) VALUES (%s, 99, now()) RETURNING pool", [slot.id]
        )
        assert cursor.fetchone() == (Pool.PUBLIC,)
    assert slot.gate == Gate.OPEN
