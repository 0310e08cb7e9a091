from django.db import migrations, models

import mexitel.utils.crypto


class Migration(migrations.Migration):
    dependencies = [
        ("outbox", "0001_outbox"),
    ]

    operations = [
        migrations.CreateModel(
            name="Heartbeat",
            fields=[
                ("name", models.CharField(max_length=40, primary_key=True, serialize=False)),
                ("seen_at", models.DateTimeField()),
            ],
            options={
                "db_table": "outbox_heartbeat",
            },
        ),
        migrations.CreateModel(
            name="OutgoingMessage",
            fields=[
                (
                    "id",
                    models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                ),
                ("channel", models.CharField(choices=[("mail", "Mail"), ("sms", "Sms")], max_length=8)),
                ("kind", models.CharField(max_length=64)),
                ("language", models.CharField(max_length=8)),
                ("recipient", mexitel.utils.crypto.EncryptedTextField()),
                ("recipient_hash", models.BinaryField(max_length=32)),
                ("prefix", models.CharField(blank=True, default="", max_length=8)),
                ("body", mexitel.utils.crypto.EncryptedTextField()),
                ("dedupe_key", models.CharField(blank=True, max_length=200, null=True)),
                ("created_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField(blank=True, null=True)),
                ("sent_at", models.DateTimeField(blank=True, null=True)),
                ("receipt", models.CharField(blank=True, default="", max_length=200)),
                ("bounced_at", models.DateTimeField(blank=True, null=True)),
                ("given_up_at", models.DateTimeField(blank=True, null=True)),
                ("given_up_reason", models.CharField(blank=True, default="", max_length=64)),
            ],
            options={
                "db_table": "outbox_outgoing_message",
                "indexes": [
                    models.Index(fields=["recipient_hash", "-created_at"], name="outgoing_by_recipient"),
                    models.Index(
                        condition=models.Q(("channel", "sms")),
                        fields=["created_at", "prefix"],
                        name="outgoing_sms_by_time",
                    ),
                    models.Index(fields=["sent_at"], name="outgoing_by_sent"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("channel", "dedupe_key"), name="outgoing_one_per_event_and_channel"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("given_up_at", None), ("given_up_reason", "")),
                            models.Q(
                                ("given_up_at__isnull", False),
                                models.Q(("given_up_reason", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="outgoing_given_up_has_reason",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("sent_at", None), ("given_up_at", None), _connector="OR"),
                        name="outgoing_sent_or_given_up",
                    ),
                ],
            },
        ),
    ]
