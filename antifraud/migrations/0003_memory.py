"""The engine's memory as rows; edges in order; a case that another one took in."""

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

# Ids are looked up whole, never by their beginning.
UNUSED_INDEXES = """
DO $$ DECLARE unused text; BEGIN
    FOR unused IN
        SELECT indexname FROM pg_indexes WHERE schemaname = current_schema() AND indexname LIKE '%\\_like' AND tablename IN
        ('antifraud_booker', 'antifraud_bookedseat', 'antifraud_heldseat', 'antifraud_shareddevice')
    LOOP
        EXECUTE format('DROP INDEX %I', unused);
    END LOOP;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("antifraud", "0002_cases"),
        ("consulates", "0014_planning"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ActorGroup",
            fields=[
                ("number", models.BigIntegerField(primary_key=True, serialize=False)),
                ("case", models.CharField(blank=True, max_length=20)),
                ("best", models.BigIntegerField(null=True)),
                ("judged", models.IntegerField(default=0)),
                ("seen_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="BookedSeat",
            fields=[
                ("person", models.BinaryField(null=True)),
                ("surnames", models.BinaryField(default=b"")),
                ("common", models.BinaryField(default=b"")),
                ("tokens", models.BinaryField(default=b"")),
                ("birth", models.BinaryField(default=b"")),
                ("traits", models.SmallIntegerField(default=0)),
                ("id", models.CharField(max_length=100, primary_key=True, serialize=False)),
                ("number", models.BigIntegerField()),
                ("account", models.CharField(max_length=100)),
                ("party", models.CharField(blank=True, max_length=100)),
                ("slot", models.CharField(blank=True, max_length=100)),
                ("seat", models.CharField(blank=True, max_length=100)),
                ("office", models.CharField(blank=True, max_length=100)),
                ("starts_at", models.BigIntegerField(null=True)),
                ("booked_at", models.BigIntegerField()),
                ("lag", models.BigIntegerField(null=True)),
                ("fill_s", models.FloatField(null=True)),
                ("origin", models.CharField(blank=True, max_length=20)),
                ("channel", models.CharField(blank=True, max_length=20)),
                ("agent", models.CharField(blank=True, max_length=100)),
                ("asn_kind", models.CharField(blank=True, max_length=20)),
                ("state", models.CharField(max_length=20)),
                ("changed", models.IntegerField(default=0)),
                ("flagged_at", models.BigIntegerField(null=True)),
                ("flag_case", models.CharField(blank=True, max_length=20)),
                ("flag_score", models.BigIntegerField(null=True)),
                ("seen_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="Booker",
            fields=[
                ("id", models.CharField(max_length=100, primary_key=True, serialize=False)),
                ("created_at", models.BigIntegerField()),
                ("mailbox", models.BinaryField(null=True)),
                ("mail_domain", models.CharField(blank=True, max_length=16)),
                ("mail_shape", models.CharField(blank=True, max_length=16)),
                ("disposable", models.BooleanField(default=False)),
                (
                    "phones",
                    django.contrib.postgres.fields.ArrayField(base_field=models.BinaryField(), default=list, size=None),
                ),
                (
                    "stated",
                    django.contrib.postgres.fields.ArrayField(base_field=models.BinaryField(), default=list, size=None),
                ),
                ("agent", models.CharField(blank=True, max_length=100)),
                (
                    "devices",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=100), default=list, size=None
                    ),
                ),
                (
                    "prefixes",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=50), default=list, size=None
                    ),
                ),
                ("vouched_until", models.BigIntegerField(default=0)),
                ("confirmed_at", models.BigIntegerField(null=True)),
                (
                    "expired",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), default=list, size=None
                    ),
                ),
                (
                    "polls",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), default=list, size=None
                    ),
                ),
                ("transfers", models.JSONField(default=list)),
                ("spins", models.JSONField(default=list)),
                (
                    "unlinked",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=100), default=list, size=None
                    ),
                ),
                ("group", models.BigIntegerField(null=True)),
                ("place", models.IntegerField(default=0)),
                ("seen_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="FreeSeat",
            fields=[
                ("person", models.BinaryField(null=True)),
                ("surnames", models.BinaryField(default=b"")),
                ("common", models.BinaryField(default=b"")),
                ("tokens", models.BinaryField(default=b"")),
                ("birth", models.BinaryField(default=b"")),
                ("traits", models.SmallIntegerField(default=0)),
                ("id", models.BigIntegerField(primary_key=True, serialize=False)),
                ("slot", models.CharField(max_length=100)),
                ("seat", models.CharField(blank=True, max_length=100)),
                ("t", models.BigIntegerField(db_index=True)),
                ("account", models.CharField(max_length=100)),
                (
                    "chain",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=100), default=list, size=None
                    ),
                ),
                ("taken", models.BooleanField(default=False)),
                ("seen_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="GroupChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("t", models.BigIntegerField()),
                ("act", models.CharField(max_length=20)),
                ("kept", models.CharField(max_length=100)),
                ("other", models.CharField(blank=True, max_length=100)),
                ("reason", models.CharField(max_length=50)),
                ("seen_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="HeldSeat",
            fields=[
                ("person", models.BinaryField(null=True)),
                ("surnames", models.BinaryField(default=b"")),
                ("common", models.BinaryField(default=b"")),
                ("tokens", models.BinaryField(default=b"")),
                ("birth", models.BinaryField(default=b"")),
                ("traits", models.SmallIntegerField(default=0)),
                ("id", models.CharField(max_length=100, primary_key=True, serialize=False)),
                ("t", models.BigIntegerField(db_index=True)),
                ("account", models.CharField(max_length=100)),
                ("slot", models.CharField(blank=True, max_length=100)),
                ("seat", models.CharField(blank=True, max_length=100)),
                ("office", models.CharField(blank=True, max_length=100)),
                ("starts_at", models.BigIntegerField(null=True)),
                ("lag", models.BigIntegerField(null=True)),
                ("origin", models.CharField(blank=True, max_length=20)),
                ("channel", models.CharField(blank=True, max_length=20)),
                ("agent", models.CharField(blank=True, max_length=100)),
                ("asn_kind", models.CharField(blank=True, max_length=20)),
                ("freed", models.BigIntegerField(null=True)),
                ("fill_s", models.FloatField(null=True)),
                ("prefix", models.CharField(blank=True, max_length=50)),
                ("seen_at", models.DateTimeField()),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Identifier",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "kind", "key", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("kind", models.CharField(max_length=20)),
                ("key", models.BinaryField()),
                ("uses", models.BigIntegerField()),
                (
                    "latest",
                    django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=100), size=None),
                ),
                ("seen_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="RecentSight",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "name", "key", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("name", models.CharField(max_length=20)),
                ("key", models.CharField(max_length=100)),
                ("moments", django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None)),
                (
                    "accounts",
                    django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=100), size=None),
                ),
                ("t", models.BigIntegerField(db_index=True)),
                ("seen_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="Score",
            fields=[
                ("id", models.BigIntegerField(primary_key=True, serialize=False)),
                ("ruleset", models.IntegerField()),
                ("score", models.FloatField()),
                ("reasons", models.JSONField()),
                ("facts", models.JSONField()),
                ("seen_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="SharedDevice",
            fields=[
                ("device", models.CharField(max_length=100, primary_key=True, serialize=False)),
                ("public_until", models.BigIntegerField(default=0)),
                ("crowd", models.BooleanField(default=False)),
                ("seen_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="SurnameCount",
            fields=[
                ("surname", models.BinaryField(primary_key=True, serialize=False)),
                ("people", models.BigIntegerField()),
            ],
        ),
        migrations.CreateModel(
            name="Tally",
            fields=[
                ("name", models.CharField(max_length=50, primary_key=True, serialize=False)),
                ("hits", models.BigIntegerField(default=0)),
                ("trials", models.BigIntegerField(default=0)),
            ],
        ),
        migrations.RemoveConstraint(
            model_name="case",
            name="case_state_is_known",
        ),
        migrations.RemoveConstraint(
            model_name="case",
            name="case_one_standing_for_a_group",
        ),
        migrations.AddField(
            model_name="case",
            name="merged_into",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.CASCADE, related_name="merged_cases", to="antifraud.case"
            ),
        ),
        migrations.AddField(
            model_name="link",
            name="place",
            field=models.BigIntegerField(default=0),
        ),
        migrations.AlterField(
            model_name="case",
            name="state",
            field=models.CharField(
                choices=[
                    ("open", "waits for a decision"),
                    ("asked", "waits for people to confirm"),
                    ("closed", "decided"),
                    ("merged", "part of another case"),
                ],
                default="open",
                max_length=10,
            ),
        ),
        migrations.AddConstraint(
            model_name="case",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["open", "asked", "closed", "merged"])), name="case_state_is_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="case",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state__in", ["closed", "merged"]), _negated=True),
                fields=("group_number",),
                name="case_one_standing_for_a_group",
            ),
        ),
        migrations.AddConstraint(
            model_name="case",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("merged_into__isnull", False),
                        ("state", "merged"),
                        ("taken_by__isnull", True),
                        ("merged_into__lt", models.F("id")),
                    ),
                    models.Q(models.Q(("state", "merged"), _negated=True), ("merged_into__isnull", True)),
                    _connector="OR",
                ),
                name="case_merged_into_an_older",
            ),
        ),
        migrations.AddIndex(
            model_name="actorgroup",
            index=models.Index(condition=models.Q(("best__isnull", False)), fields=["best"], name="group_by_score"),
        ),
        migrations.AddIndex(
            model_name="bookedseat",
            index=models.Index(fields=["account", "number"], name="booked_by_account"),
        ),
        migrations.AddIndex(
            model_name="bookedseat",
            index=models.Index(
                condition=models.Q(("flag_score__isnull", False)), fields=["flag_score"], name="booked_by_score"
            ),
        ),
        migrations.AddIndex(
            model_name="bookedseat",
            index=django.contrib.postgres.indexes.BrinIndex(fields=["seen_at"], name="booked_by_age"),
        ),
        migrations.AddConstraint(
            model_name="bookedseat",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("flag_score__isnull", True), ("flagged_at__isnull", True)),
                    models.Q(("flag_score__isnull", False), ("flagged_at__isnull", False)),
                    _connector="OR",
                ),
                name="booked_flagged_with_a_score",
            ),
        ),
        migrations.AddIndex(
            model_name="booker",
            index=models.Index(condition=models.Q(("group__isnull", False)), fields=["group"], name="booker_by_group"),
        ),
        migrations.AddIndex(
            model_name="booker",
            index=django.contrib.postgres.indexes.BrinIndex(fields=["seen_at"], name="booker_by_age"),
        ),
        migrations.AddIndex(
            model_name="freeseat",
            index=models.Index(condition=models.Q(("taken", False)), fields=["slot"], name="free_by_slot"),
        ),
        migrations.AddIndex(
            model_name="groupchange",
            index=django.contrib.postgres.indexes.BrinIndex(fields=["seen_at"], name="group_change_by_age"),
        ),
        migrations.AddIndex(
            model_name="identifier",
            index=django.contrib.postgres.indexes.BrinIndex(fields=["seen_at"], name="identifier_by_age"),
        ),
        migrations.AddIndex(
            model_name="score",
            index=django.contrib.postgres.indexes.BrinIndex(fields=["seen_at"], name="score_by_age"),
        ),
        migrations.RunSQL(UNUSED_INDEXES, migrations.RunSQL.noop),
    ]
