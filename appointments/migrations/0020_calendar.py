import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("appointments", "0019_draws"),
        ("consulates", "0017_calendar"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ReleaseAlert",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        db_default=models.Func(function="uuidv7", output_field=models.UUIDField()),
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("hour_before", models.BooleanField(default=False)),
                ("code", models.CharField(max_length=22, unique=True)),
                ("made_at", models.DateTimeField()),
                ("stopped_at", models.DateTimeField(null=True)),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="release_alerts",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "consulate",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="consulates.consulate"
                    ),
                ),
                (
                    "procedure",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="consulates.procedure",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("stopped_at", None)),
                        fields=("account", "consulate", "procedure"),
                        name="alert_once_while_it_stands",
                        nulls_distinct=False,
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("stopped_at", None), ("stopped_at__gte", models.F("made_at")), _connector="OR"
                        ),
                        name="alert_stops_after_it_began",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ReleaseTold",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[("announced", "Announced"), ("cancelled", "Cancelled"), ("soon", "Soon")],
                        max_length=10,
                    ),
                ),
                ("opens_at", models.DateTimeField()),
                ("at", models.DateTimeField()),
                (
                    "release",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="consulates.release",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("release", "kind", "opens_at"), name="release_told_once"),
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["announced", "cancelled", "soon"])),
                        name="release_told_kind_is_known",
                    ),
                ],
            },
        ),
    ]
