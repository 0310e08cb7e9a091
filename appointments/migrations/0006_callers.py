"""Callers without a proven contact, and the recovery of an account whose contact was lost."""

import datetime
import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import F, Q

import mexitel.utils.crypto


class Migration(migrations.Migration):
    dependencies = [("appointments", "0004_closing"), ("accounts", "0007_callers")]

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
        migrations.CreateModel(
            name="Recovery",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("contact", mexitel.utils.crypto.EncryptedTextField()),
                ("stop_hash", models.BinaryField(max_length=32, unique=True)),
                ("call_reference", models.CharField(max_length=40)),
                ("right_answers", models.PositiveSmallIntegerField()),
                ("created_at", models.DateTimeField()),
                ("effective_at", models.DateTimeField(db_index=True)),
                ("closed_at", models.DateTimeField(null=True)),
                (
                    "outcome",
                    models.CharField(
                        blank=True,
                        choices=[("applied", "Applied"), ("stopped", "Stopped"), ("taken", "Taken")],
                        max_length=8,
                    ),
                ),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="contact_recoveries",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "agent",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=Q(outcome=""), fields=["account"], name="recovery_one_open_in_an_account"
                    ),
                    models.CheckConstraint(
                        condition=Q(effective_at__gte=F("created_at") + datetime.timedelta(days=1)),
                        name="recovery_rests_a_day",
                    ),
                    models.CheckConstraint(
                        condition=Q(closed_at__isnull=True, outcome="")
                        | Q(closed_at__isnull=False, outcome__in=["applied", "stopped", "taken"]),
                        name="recovery_closed_with_outcome",
                    ),
                    models.CheckConstraint(
                        condition=~Q(outcome="applied") | Q(closed_at__gte=F("effective_at")),
                        name="recovery_applied_after_its_rest",
                    ),
                    models.CheckConstraint(condition=Q(right_answers__gte=4), name="recovery_after_enough_answers"),
                ],
            },
        ),
    ]
