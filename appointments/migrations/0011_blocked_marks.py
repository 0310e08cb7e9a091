"""Addresses and domains that are blocked: what the claim looks into beside the scopes."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("appointments", "0010_day")]

    operations = [
        migrations.CreateModel(
            name="BlockedMark",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "kind", "key", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("kind", models.SmallIntegerField(choices=[(1, "Address"), (2, "Domain")])),
                ("key", models.BinaryField(max_length=32)),
                ("until", models.DateTimeField()),
            ],
        ),
    ]
