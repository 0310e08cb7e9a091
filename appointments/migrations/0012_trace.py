"""What the edge saw of bookers, by month; and the ledger in the order in which it was committed."""

import django.contrib.postgres.fields
from django.db import migrations, models

TRACE = """
CREATE TABLE appointments_trace (
    at timestamptz NOT NULL,
    subject uuid NOT NULL,
    account_id bigint NOT NULL,
    device text NOT NULL,
    prefix text NOT NULL,
    asn_kind text NOT NULL,
    fill_seconds real[] NOT NULL
) PARTITION BY RANGE (at);
CREATE INDEX appointments_trace_subject ON appointments_trace (subject, at);
CREATE INDEX appointments_trace_device ON appointments_trace (device, at) WHERE device <> '';
SELECT ensure_month_partitions('appointments_trace', current_date, 4);
DO $$ BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'mexitel_app') THEN
        REVOKE UPDATE, DELETE, TRUNCATE ON appointments_trace FROM mexitel_app;
        -- What retention makes empty, and nothing else.
        GRANT UPDATE (device, prefix) ON appointments_trace TO mexitel_app;
    END IF;
END $$;
"""

# A month goes as a whole once it is older than ``before``, and never one of the last thirty days.
DROP_OLD = """
CREATE FUNCTION drop_trace_months(before timestamptz) RETURNS int
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    bound constant text := 'TO \\(''([^'']+)''\\)';
    part regclass;
    dropped int := 0;
BEGIN
    before := least(before, clock_timestamp() - interval '30 days');
    FOR part IN
        SELECT c.oid::regclass FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
         WHERE i.inhparent = 'public.appointments_trace'::regclass
           AND (regexp_match(pg_get_expr(c.relpartbound, c.oid), bound))[1]::timestamptz <= before
    LOOP
        EXECUTE format('DROP TABLE %s', part);
        dropped := dropped + 1;
    END LOOP;
    RETURN dropped;
END $$;
REVOKE ALL ON FUNCTION drop_trace_months(timestamptz) FROM PUBLIC;
DO $$ BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'mexitel_app') THEN
        GRANT EXECUTE ON FUNCTION drop_trace_months(timestamptz) TO mexitel_app;
    END IF;
END $$;
"""

# Rows become visible when they commit, not when they are numbered. Whoever follows the ledger reads by the transaction
# that wrote, up to the oldest one that is still open. The default is one value for the rows that stand: nothing is
# written anew.
ORDERED = """
ALTER TABLE appointments_event ADD COLUMN tx xid8 NOT NULL DEFAULT pg_current_xact_id();
CREATE INDEX appointments_event_tx ON appointments_event (tx, id);
"""


class Migration(migrations.Migration):
    dependencies = [("appointments", "0011_blocked_marks")]

    operations = [
        migrations.RunSQL(TRACE, "DROP TABLE appointments_trace"),
        migrations.RunSQL(DROP_OLD, "DROP FUNCTION drop_trace_months(timestamptz)"),
        migrations.RunSQL(ORDERED, "ALTER TABLE appointments_event DROP COLUMN tx"),
        migrations.AddIndex(
            model_name="permit",
            index=models.Index(
                condition=models.Q(("grandfathered", True)), fields=["scope"], name="permit_grandfathered"
            ),
        ),
        migrations.CreateModel(
            name="Trace",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "subject", "at", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("at", models.DateTimeField()),
                ("subject", models.UUIDField()),
                ("account_id", models.BigIntegerField()),
                ("device", models.CharField(max_length=32)),
                ("prefix", models.CharField(max_length=50)),
                ("asn_kind", models.CharField(max_length=12)),
                (
                    "fill_seconds",
                    django.contrib.postgres.fields.ArrayField(base_field=models.FloatField(null=True), size=None),
                ),
            ],
            options={"db_table": "appointments_trace", "managed": False},
        ),
    ]
