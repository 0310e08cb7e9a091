"""How far facts were read, which bookers count as one, and sightings in the order in which they were committed."""

import datetime

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.expressions
from django.conf import settings
from django.db import migrations, models

# As in the ledger (appointments 0012). Retention takes browser and network out of a detail; nothing else changes one.
ORDERED = """
ALTER TABLE antifraud_sighting ADD COLUMN tx xid8 NOT NULL DEFAULT pg_current_xact_id();
CREATE INDEX antifraud_sighting_tx ON antifraud_sighting (tx, id);
DO $$ BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'mexitel_app') THEN
        GRANT UPDATE (detail) ON antifraud_sighting TO mexitel_app;
    END IF;
END $$;
"""
# Numbers of transactions are a cluster's own. In one that was restored from a dump, rows of a future that will not come
# for long are stamped anew; elsewhere this finds nothing.
RESTAMP = """
CREATE FUNCTION restamp_facts() RETURNS int
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    ledger int;
    sightings int;
BEGIN
    UPDATE appointments_event SET tx = pg_current_xact_id() WHERE tx > pg_current_xact_id();
    GET DIAGNOSTICS ledger = ROW_COUNT;
    UPDATE antifraud_sighting SET tx = pg_current_xact_id() WHERE tx > pg_current_xact_id();
    GET DIAGNOSTICS sightings = ROW_COUNT;
    RETURN ledger + sightings;
END $$;
REVOKE ALL ON FUNCTION restamp_facts() FROM PUBLIC;
DO $$ BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'mexitel_app') THEN
        GRANT EXECUTE ON FUNCTION restamp_facts() TO mexitel_app;
    END IF;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("antifraud", "0003_memory"),
        ("appointments", "0012_trace"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ReadUpTo",
            fields=[
                ("name", models.CharField(max_length=20, primary_key=True, serialize=False)),
                ("tx", models.BigIntegerField(default=0)),
                ("stream", models.SmallIntegerField(default=0)),
                ("row", models.BigIntegerField(default=0)),
                ("at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="Grouping",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("scope_id", models.BigIntegerField()),
                (
                    "account_ids",
                    django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None),
                ),
                ("cap", models.SmallIntegerField()),
                ("reason", models.TextField()),
                ("starts_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField(db_index=True)),
                ("ended_at", models.DateTimeField(null=True)),
                ("ended_why", models.TextField(blank=True)),
                (
                    "author",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="groupings",
                        to="antifraud.case",
                    ),
                ),
                (
                    "ended_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at__isnull", True)),
                        fields=("scope_id",),
                        name="grouping_one_standing_for_a_scope",
                    ),
                    models.CheckConstraint(condition=models.Q(("cap__range", (0, 15))), name="grouping_cap_in_range"),
                    models.CheckConstraint(condition=models.Q(("reason", ""), _negated=True), name="grouping_says_why"),
                    models.CheckConstraint(
                        condition=models.Q(("account_ids__len__gte", 2)), name="grouping_of_several"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("ends_at__gt", models.F("starts_at")),
                            (
                                "ends_at__lte",
                                django.db.models.expressions.CombinedExpression(
                                    models.F("starts_at"), "+", models.Value(datetime.timedelta(days=365))
                                ),
                            ),
                        ),
                        name="grouping_ends_within_a_year",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("ended_by__isnull", True),
                            models.Q(("ended_at__isnull", False), models.Q(("ended_why", ""), _negated=True)),
                            _connector="OR",
                        ),
                        name="grouping_ended_by_somebody_who_says_why",
                    ),
                ],
            },
        ),
        migrations.RunSQL(ORDERED, "ALTER TABLE antifraud_sighting DROP COLUMN tx"),
        migrations.RunSQL(RESTAMP, "DROP FUNCTION restamp_facts()"),
    ]
