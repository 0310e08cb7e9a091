"""Auditors read the newest lines first, of all offices or of one."""

from django.db import migrations

INDEXES = """
CREATE INDEX audit_line_newest ON audit_line (at DESC, id DESC);
CREATE INDEX audit_line_office ON audit_line (office_id, at DESC) WHERE office_id IS NOT NULL;
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_audit")]

    operations = [migrations.RunSQL(INDEXES, "DROP INDEX audit_line_newest, audit_line_office")]
