import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("consulates", "0008_suspensions"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Recovery",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reason", models.CharField(max_length=200)),
                ("opened_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                ("signed_at", models.DateTimeField(blank=True, null=True)),
                ("withdrawn_at", models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.AddField(
            model_name="assignment",
            name="ended_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddConstraint(
            model_name="assignment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("granted_by", None), models.Q(("granted_by", models.F("user")), _negated=True), _connector="OR"
                    ),
                    models.Q(
                        ("ended_by", None), models.Q(("ended_by", models.F("user")), _negated=True), _connector="OR"
                    ),
                ),
                name="consulates_assignment_changed_by_another",
                violation_error_message="Nobody changes their own roles.",
            ),
        ),
        migrations.AddField(
            model_name="recovery",
            name="opened_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="recovery",
            name="signed_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="recovery",
            name="user",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="recoveries", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddConstraint(
            model_name="recovery",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("signed_by", None), models.Q(("signed_by", models.F("opened_by")), _negated=True), _connector="OR"
                ),
                name="consulates_recovery_two_people",
                violation_error_message="Another person signs, not the one who opened it.",
            ),
        ),
        migrations.AddConstraint(
            model_name="recovery",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("opened_by", models.F("user")), _negated=True),
                    models.Q(
                        ("signed_by", None), models.Q(("signed_by", models.F("user")), _negated=True), _connector="OR"
                    ),
                ),
                name="consulates_recovery_by_colleagues",
                violation_error_message="Nobody recovers their own second factor.",
            ),
        ),
        migrations.AddConstraint(
            model_name="recovery",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("signed_at", None), ("signed_by", None)),
                    models.Q(("signed_at__isnull", False), ("signed_by__isnull", False), ("withdrawn_at", None)),
                    _connector="OR",
                ),
                name="consulates_recovery_signed_has_its_moment",
            ),
        ),
        migrations.AddConstraint(
            model_name="recovery",
            constraint=models.UniqueConstraint(
                condition=models.Q(("signed_at", None), ("withdrawn_at", None)),
                fields=("user",),
                name="consulates_recovery_one_open",
                violation_error_message="A recovery is open for this person already.",
            ),
        ),
    ]
