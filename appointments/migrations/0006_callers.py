"""Callers without a proven contact."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import Q

import mexitel.utils.crypto


class Migration(migrations.Migration):
    dependencies = [("appointments", "0003_reminders"), ("accounts", "0007_callers")]

    operations = [
        migrations.CreateModel(
            name="Caller",
            fields=[
                (
                    "account",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="caller",
                        serialize=False,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("phone", mexitel.utils.crypto.EncryptedTextField(blank=True, default="")),
                ("phone_hash", models.BinaryField(max_length=32, null=True)),
                ("person_hash", models.BinaryField(max_length=32, null=True)),
                ("reason", models.CharField(blank=True, max_length=300)),
                ("created_at", models.DateTimeField()),
                ("last_call_at", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=Q(phone="", phone_hash__isnull=True) | (~Q(phone="") & Q(phone_hash__isnull=False)),
                        name="caller_phone_is_whole",
                    ),
                    models.CheckConstraint(
                        condition=Q(phone_hash__isnull=False) | ~Q(reason=""),
                        name="caller_without_phone_has_a_reason",
                    ),
                ],
            },
        ),
    ]
