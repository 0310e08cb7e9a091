"""The outbox, partitioned by month, and the functions that keep monthly partitions coming."""

from django.db import migrations, models

# Runs with the owner's rights, so that the serving role can make the next month without owning the table.
# It touches only partitioned tables of that same owner. A partition is reached through its parent alone: what
# the default privileges gave on it is taken back, or an append-only parent could be changed through it.
ENSURE = """
CREATE FUNCTION ensure_month_partitions(parent regclass, from_month date, months int) RETURNS int
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    schema_name name;
    table_name name;
    key_name name;
    month date;
    lower_bound text;
    upper_bound text;
    part text;
    rest text;
    stray boolean;
    made int := 0;
BEGIN
    IF months NOT BETWEEN 1 AND 36 THEN
        RAISE EXCEPTION 'months must be between 1 and 36, not %', months;
    END IF;
    SELECT n.nspname, c.relname, a.attname INTO schema_name, table_name, key_name
      FROM pg_class c
      JOIN pg_namespace n ON n.oid = c.relnamespace
      JOIN pg_partitioned_table p ON p.partrelid = c.oid AND p.partstrat = 'r' AND p.partnatts = 1
      JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = p.partattrs[0]
     WHERE c.oid = parent AND pg_get_userbyid(c.relowner) = current_user;
    IF NOT FOUND THEN
        RAISE EXCEPTION '% is not partitioned by range of one column, or not owned by %',
            parent, current_user;
    END IF;
    PERFORM pg_advisory_xact_lock(hashtext('ensure_month_partitions'), hashtext(parent::text));

    rest := format('%I.%I', schema_name, table_name || '_default');
    IF to_regclass(rest) IS NULL THEN
        EXECUTE format('CREATE TABLE %s PARTITION OF %s DEFAULT', rest, parent);
        PERFORM close_partition(to_regclass(rest));
        made := made + 1;
    END IF;

    FOR i IN 0 .. months - 1 LOOP
        month := (date_trunc('month', from_month::timestamp) + make_interval(months => i))::date;
        part := format('%I.%I', schema_name, table_name || to_char(month, '"_y"YYYY"m"MM'));
        CONTINUE WHEN to_regclass(part) IS NOT NULL;
        lower_bound := to_char(month, 'YYYY-MM-DD') || ' 00:00:00+00';
        upper_bound := to_char(month + interval '1 month', 'YYYY-MM-DD') || ' 00:00:00+00';
        EXECUTE format('SELECT EXISTS (SELECT FROM %s WHERE %I >= %L AND %I < %L)',
                       rest, key_name, lower_bound, key_name, upper_bound) INTO stray;
        IF stray THEN  -- rows that came before their month was made: move them out of the safety net
            EXECUTE format('ALTER TABLE %s DETACH PARTITION %s', parent, rest);
            EXECUTE format('ALTER TABLE %s RENAME TO %I', rest, table_name || '_stray');
        END IF;
        EXECUTE format('CREATE TABLE %s PARTITION OF %s FOR VALUES FROM (%L) TO (%L)',
                       part, parent, lower_bound, upper_bound);
        PERFORM close_partition(to_regclass(part));
        IF stray THEN
            EXECUTE format('CREATE TABLE %s PARTITION OF %s DEFAULT', rest, parent);
            PERFORM close_partition(to_regclass(rest));
            EXECUTE format('INSERT INTO %s OVERRIDING SYSTEM VALUE SELECT * FROM %I.%I',
                           parent, schema_name, table_name || '_stray');
            EXECUTE format('DROP TABLE %I.%I', schema_name, table_name || '_stray');
        END IF;
        made := made + 1;
    END LOOP;
    RETURN made;
END $$;
"""

CLOSE = """
CREATE FUNCTION close_partition(part regclass) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    holder oid;
BEGIN
    FOR holder IN
        SELECT DISTINCT acl.grantee FROM pg_class c, aclexplode(c.relacl) AS acl
         WHERE c.oid = part AND acl.grantee <> c.relowner
    LOOP
        EXECUTE format('REVOKE ALL ON %s FROM %s', part,
                       CASE holder WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(holder)) END);
    END LOOP;
END $$;
"""

# Old months go as a whole, and only when nothing in them still waits. The serving role may ask for it, but
# never gets the last thirty days.
DROP_FINISHED = """
CREATE FUNCTION drop_finished_outbox_months(before timestamptz) RETURNS int
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    bound constant text := 'TO \\(''([^'']+)''\\)';
    part record;
    waits boolean;
    dropped int := 0;
BEGIN
    before := least(before, clock_timestamp() - interval '30 days');
    FOR part IN
        SELECT c.oid::regclass AS name,
               (regexp_match(pg_get_expr(c.relpartbound, c.oid), bound))[1]::timestamptz AS ends_at
          FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
         WHERE i.inhparent = 'public.outbox_message'::regclass
    LOOP
        CONTINUE WHEN part.ends_at IS NULL OR part.ends_at > before;
        EXECUTE format(
            'SELECT EXISTS (SELECT FROM %s WHERE done_at IS NULL AND failed_at IS NULL)', part.name
        ) INTO waits;
        CONTINUE WHEN waits;
        EXECUTE format('DROP TABLE %s', part.name);
        dropped := dropped + 1;
    END LOOP;
    RETURN dropped;
END $$;
"""

RIGHTS = """
REVOKE ALL ON FUNCTION ensure_month_partitions(regclass, date, int) FROM PUBLIC;
REVOKE ALL ON FUNCTION close_partition(regclass) FROM PUBLIC;
REVOKE ALL ON FUNCTION drop_finished_outbox_months(timestamptz) FROM PUBLIC;
DO $$ BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'mexitel_app') THEN
        GRANT EXECUTE ON FUNCTION ensure_month_partitions(regclass, date, int) TO mexitel_app;
        GRANT EXECUTE ON FUNCTION drop_finished_outbox_months(timestamptz) TO mexitel_app;
    END IF;
END $$;
"""

TABLE = """
CREATE TABLE outbox_message (
    id bigint GENERATED ALWAYS AS IDENTITY,
    created_at timestamptz NOT NULL,
    due_at timestamptz NOT NULL,
    kind text NOT NULL,
    payload jsonb NOT NULL,
    handed_at timestamptz,
    attempts smallint NOT NULL DEFAULT 0,
    done_at timestamptz,
    failed_at timestamptz,
    error text NOT NULL DEFAULT '',
    PRIMARY KEY (id, created_at)
) PARTITION BY RANGE (created_at);
CREATE INDEX outbox_message_due ON outbox_message (due_at, id)
    WHERE done_at IS NULL AND failed_at IS NULL AND handed_at IS NULL;
CREATE INDEX outbox_message_handed ON outbox_message (handed_at)
    WHERE done_at IS NULL AND failed_at IS NULL AND handed_at IS NOT NULL;
CREATE INDEX outbox_message_failed ON outbox_message (failed_at) WHERE failed_at IS NOT NULL;
SELECT ensure_month_partitions('outbox_message', current_date, 4);
"""


class Migration(migrations.Migration):
    initial = True
    dependencies: list = []

    operations = [
        migrations.RunSQL(CLOSE, "DROP FUNCTION close_partition(regclass)"),
        migrations.RunSQL(ENSURE, "DROP FUNCTION ensure_month_partitions(regclass, date, int)"),
        migrations.RunSQL(DROP_FINISHED, "DROP FUNCTION drop_finished_outbox_months(timestamptz)"),
        migrations.RunSQL(RIGHTS, migrations.RunSQL.noop),
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(TABLE, "DROP TABLE outbox_message")],
            state_operations=[
                migrations.CreateModel(
                    name="OutboxMessage",
                    fields=[
                        (
                            "pk",
                            models.CompositePrimaryKey(
                                "id",
                                "created_at",
                                blank=True,
                                editable=False,
                                primary_key=True,
                                serialize=False,
                            ),
                        ),
                        ("id", models.BigIntegerField()),
                        ("created_at", models.DateTimeField()),
                        ("due_at", models.DateTimeField()),
                        ("kind", models.TextField()),
                        ("payload", models.JSONField()),
                        ("handed_at", models.DateTimeField(null=True)),
                        ("attempts", models.SmallIntegerField(default=0)),
                        ("done_at", models.DateTimeField(null=True)),
                        ("failed_at", models.DateTimeField(null=True)),
                        ("error", models.TextField(blank=True, default="")),
                    ],
                    options={"db_table": "outbox_message"},
                )
            ],
        ),
    ]
