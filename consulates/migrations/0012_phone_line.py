"""The number and the hours of each office's telephone line."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("consulates", "0010_people"), migrations.swappable_dependency(settings.AUTH_USER_MODEL)]

    operations = [
        migrations.CreateModel(
            name="OfficeLine",
            fields=[
                (
                    "consulate",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="line",
                        serialize=False,
                        to="consulates.consulate",
                    ),
                ),
                ("phone", models.CharField(max_length=20)),
                ("hours_es", models.CharField(max_length=120)),
                ("hours_en", models.CharField(max_length=120)),
                ("updated_at", models.DateTimeField()),
                (
                    "updated_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(condition=Q(phone__startswith="+"), name="consulates_line_phone_is_whole"),
                    models.CheckConstraint(
                        condition=~Q(hours_es="") & ~Q(hours_en=""), name="consulates_line_says_its_hours"
                    ),
                ],
            },
        ),
    ]
