"""The audit trail: partitioned by month, and closed against every change."""

from django.db import migrations, models

TABLE = """
CREATE TABLE audit_line (
    id bigint GENERATED ALWAYS AS IDENTITY,
    at timestamptz NOT NULL,
    actor_id bigint,
    actor_kind text NOT NULL,
    action text NOT NULL,
    object_type text NOT NULL,
    object_id text NOT NULL,
    office_id bigint,
    reason text NOT NULL DEFAULT '',
    detail jsonb NOT NULL DEFAULT '{}',
    PRIMARY KEY (id, at)
) PARTITION BY RANGE (at);
CREATE INDEX audit_line_object ON audit_line (object_type, object_id, at);
CREATE INDEX audit_line_actor ON audit_line (actor_id, at) WHERE actor_id IS NOT NULL;

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER audit_line_keep BEFORE UPDATE OR DELETE ON audit_line
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_line_keep_all BEFORE TRUNCATE ON audit_line
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

SELECT ensure_month_partitions('audit_line', current_date, 4);
DO $$ BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'mexitel_app') THEN
        REVOKE UPDATE, DELETE, TRUNCATE ON audit_line FROM mexitel_app;
    END IF;
END $$;
"""


class Migration(migrations.Migration):
    initial = True
    dependencies = [("outbox", "0001_outbox")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(TABLE, "DROP TABLE audit_line; DROP FUNCTION refuse_change()")],
            state_operations=[
                migrations.CreateModel(
                    name="AuditLine",
                    fields=[
                        (
                            "pk",
                            models.CompositePrimaryKey(
                                "id", "at", blank=True, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        ("id", models.BigIntegerField()),
                        ("at", models.DateTimeField()),
                        ("actor_id", models.BigIntegerField(null=True)),
                        ("actor_kind", models.TextField()),
                        ("action", models.TextField()),
                        ("object_type", models.TextField()),
                        ("object_id", models.TextField()),
                        ("office_id", models.BigIntegerField(null=True)),
                        ("reason", models.TextField(blank=True, default="")),
                        ("detail", models.JSONField(default=dict)),
                    ],
                    options={"db_table": "audit_line"},
                )
            ],
        ),
    ]
