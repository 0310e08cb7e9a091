"""Demand by area and week."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import F, Q

ENDS = [
    ("none", "nothing free anywhere"),
    ("far", "nothing free within 100 miles"),
    ("waited", "waited in the list until the date came"),
    ("to25", "up to 25 miles"),
    ("to50", "26 to 50 miles"),
    ("to100", "51 to 100 miles"),
    ("to200", "101 to 200 miles"),
    ("beyond", "more than 200 miles"),
]


class Migration(migrations.Migration):
    dependencies = [("appointments", "0023_freed"), ("consulates", "0019_freed")]

    operations = [
        migrations.CreateModel(
            name="DemandCell",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "week",
                        "zip3",
                        "procedure_id",
                        "ended",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("week", models.DateField()),
                ("zip3", models.CharField(max_length=3)),
                ("ended", models.CharField(choices=ENDS, max_length=6)),
                ("looks", models.IntegerField()),
                ("people", models.IntegerField()),
                ("is_sample", models.BooleanField(default=False)),
                (
                    "procedure",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="consulates.procedure",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=Q(looks__gte=1, people__gte=F("looks")), name="demand_counts_people"
                    ),
                    models.CheckConstraint(condition=Q(week__iso_week_day=1), name="demand_week_is_its_monday"),
                    models.CheckConstraint(condition=Q(zip3__regex=r"^\d{3}$"), name="demand_area_is_three_digits"),
                    models.CheckConstraint(
                        condition=Q(ended__in=[code for code, _words in ENDS]), name="demand_ended_is_known"
                    ),
                ],
            },
        ),
    ]
