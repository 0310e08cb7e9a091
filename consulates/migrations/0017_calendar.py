import django.db.models.deletion
from django.db import migrations, models

FOR_GOOD = """
DO $$ BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'mexitel_app') THEN
        REVOKE UPDATE, DELETE, TRUNCATE ON consulates_announcement FROM mexitel_app;
    END IF;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("consulates", "0016_release_rules"),
    ]

    operations = [
        migrations.CreateModel(
            name="Announcement",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(choices=[("announced", "announced"), ("cancelled", "cancelled")], max_length=10),
                ),
                ("said", models.TextField()),
                ("key", models.CharField(max_length=8)),
                ("signature", models.CharField(max_length=86)),
                ("made_at", models.DateTimeField()),
                (
                    "release",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="announcements",
                        to="consulates.release",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("release", "kind"), name="announcement_once_of_a_kind"),
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["announced", "cancelled"])), name="announcement_kind_is_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("said", ""), _negated=True), models.Q(("signature", ""), _negated=True)
                        ),
                        name="announcement_is_signed",
                    ),
                ],
            },
        ),
        migrations.RunSQL(FOR_GOOD, migrations.RunSQL.noop),
    ]
