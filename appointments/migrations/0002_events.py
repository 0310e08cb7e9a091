"""The ledger of what happened, by month and append-only; and room in the pages of the tables that a claim
rewrites.
"""

from django.db import migrations

EVENTS = """
CREATE TABLE appointments_event (
    id bigint GENERATED ALWAYS AS IDENTITY,
    at timestamptz NOT NULL,
    kind text NOT NULL,
    subject uuid NOT NULL,
    account_id bigint NOT NULL,
    channel text NOT NULL,
    detail jsonb NOT NULL,
    PRIMARY KEY (id, at)
) PARTITION BY RANGE (at);
CREATE INDEX appointments_event_subject ON appointments_event (subject, at);
SELECT ensure_month_partitions('appointments_event', current_date, 4);
DO $$ BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'mexitel_app') THEN
        REVOKE UPDATE, DELETE, TRUNCATE ON appointments_event FROM mexitel_app;
    END IF;
END $$;
"""

# Rows that are overwritten in place, by keys that never change: room beside them keeps such updates off the
# indexes.
ROOM = """
ALTER TABLE appointments_permit SET (fillfactor = 70);
ALTER TABLE appointments_scope SET (fillfactor = 80);
ALTER TABLE appointments_applicantclaim SET (fillfactor = 80);
ALTER TABLE appointments_hold SET (fillfactor = 80);
"""


class Migration(migrations.Migration):
    dependencies = [
        ("appointments", "0001_core"),
        ("outbox", "0001_outbox"),
    ]

    operations = [
        migrations.RunSQL(EVENTS, "DROP TABLE appointments_event"),
        migrations.RunSQL(ROOM, migrations.RunSQL.noop),
    ]
