from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import DatabaseError, connection, transaction

from mexitel.outbox import services
from mexitel.utils import partitions, retention


def rows(statement, *values):
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall()


def ensure(parent, month, count):
    return rows("SELECT ensure_month_partitions(%s::regclass, %s, %s)", parent, month, count)[0][0]


def partition_of(created_at):
    key = services.publish(kind="x", payload={}, now=created_at)
    return rows("SELECT tableoid::regclass::text FROM outbox_message WHERE id = %s", key)[0][0]


def refused(statement, *values):
    with pytest.raises(DatabaseError) as error, transaction.atomic():
        rows(statement, *values)
    return str(error.value).splitlines()[0]


def test_months_are_made_once_and_by_the_serving_role(db):
    assert rows("SELECT current_user") == [("mexitel_app",)]

    assert ensure("outbox_message", date(2031, 11, 30), 3) == 3
    assert ensure("outbox_message", date(2031, 11, 1), 3) == 0
    assert partition_of(datetime(2031, 12, 31, 23, 59, 59, tzinfo=UTC)) == "outbox_message_y2031m12"
    assert partition_of(datetime(2032, 1, 1, tzinfo=UTC)) == "outbox_message_y2032m01"


def test_a_month_that_nobody_made_falls_into_the_safety_net(db):
    assert partition_of(datetime(2045, 1, 1, tzinfo=UTC)) == "outbox_message_default"


def test_making_a_month_moves_its_rows_out_of_the_safety_net(db):
    first, other = datetime(2045, 1, 15, tzinfo=UTC), datetime(2046, 1, 1, tzinfo=UTC)
    key = services.publish(kind="kept", payload={"event": 1}, now=first)
    services.publish(kind="elsewhere", payload={}, now=other)

    assert ensure("outbox_message", date(2045, 1, 1), 1) == 1

    assert rows("SELECT tableoid::regclass::text, kind, payload, id FROM outbox_message ORDER BY id") == [
        ("outbox_message_y2045m01", "kept", '{"event": 1}', key),
        ("outbox_message_default", "elsewhere", "{}", key + 1),
    ]
    assert services.publish(kind="next", payload={}, now=first) == key + 2


def test_append_only_tables_are_moved_too(db):
    rows(
        "INSERT INTO audit_line (at, actor_kind, action, object_type, object_id)"
        " VALUES ('2045-01-15', 'system', 'a', 'b', 'c') RETURNING id"
    )

    assert ensure("audit_line", date(2045, 1, 1), 1) == 1
    assert rows("SELECT tableoid::regclass::text FROM audit_line") == [("audit_line_y2045m01",)]


def test_the_function_refuses_what_is_not_a_partitioned_table_of_the_owner(db):
    for table in ("outbox_heartbeat", "pg_class"):
        assert "is not partitioned" in refused("SELECT ensure_month_partitions(%s::regclass, '2031-01-01', 1)", table)
    assert "months must be" in refused("SELECT ensure_month_partitions('outbox_message', '2031-01-01', 500)")


def test_partitions_are_reached_through_their_parent_only(db):
    ensure("audit_line", date(2031, 1, 1), 1)

    for table in ("audit_line_y2031m01", "audit_line_default", "outbox_message_default"):
        for verb in ("SELECT 1 FROM {}", "DELETE FROM {}"):
            assert refused(verb.format(table)) == f"permission denied for table {table}"


def test_ensure_all_finds_every_table_and_looks_three_months_ahead(db):
    now = datetime(2033, 11, 5, tzinfo=UTC)

    made = partitions.ensure_all(now=now)

    parents = rows(
        "SELECT relname FROM pg_class WHERE relkind = 'p' AND NOT relispartition"
        " AND relnamespace = current_schema()::regnamespace"
    )
    assert {"outbox_message", "audit_line"} <= {name for (name,) in parents}
    assert made == 4 * len(parents)
    assert partitions.ensure_all(now=now) == 0


def months():
    return sorted(
        name
        for (name,) in rows(
            "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'outbox_message'::regclass"
        )
    )


def test_old_months_go_when_all_is_done_and_not_before(db):
    ensure("outbox_message", date(2021, 1, 1), 2)
    services.publish(kind="x", payload={}, now=datetime(2021, 1, 31, tzinfo=UTC))
    services.publish(kind="x", payload={}, now=datetime(2021, 2, 1, tzinfo=UTC))
    rows("UPDATE outbox_message SET done_at = '2021-02-01' WHERE created_at < '2021-02-01' RETURNING id")

    retention.apply(now=datetime(2021, 4, 2, tzinfo=UTC))  # exactly sixty days after January
    assert "outbox_message_y2021m01" not in months()
    assert "outbox_message_y2021m02" in months()

    retention.apply(now=datetime(2021, 6, 1, tzinfo=UTC))
    assert "outbox_message_y2021m02" in months()  # something in it still waits

    rows("UPDATE outbox_message SET failed_at = '2021-02-01' WHERE created_at < '2021-03-01' RETURNING id")
    retention.apply(now=datetime(2021, 6, 1, tzinfo=UTC))
    assert "outbox_message_y2021m02" not in months()


def test_the_last_thirty_days_stay_whatever_is_asked(db):
    before = months()

    rows("SELECT drop_finished_outbox_months(%s)", datetime.now(UTC) + timedelta(days=999))

    assert months() == before
