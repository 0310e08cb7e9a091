from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("consulates", "0001_offices_sessions_and_seats"),
    ]

    operations = [
        migrations.CreateModel(
            name="Place",
            fields=[
                (
                    "id",
                    models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                ),
                (
                    "kind",
                    models.CharField(choices=[("zip", "Zip"), ("town", "Town"), ("state", "State")], max_length=5),
                ),
                ("key", models.CharField(max_length=80)),
                ("name", models.CharField(max_length=80)),
                ("state", models.CharField(max_length=2)),
                ("latitude", models.FloatField()),
                ("longitude", models.FloatField()),
                ("weight", models.IntegerField(default=1)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("key", "kind", "state"), name="consulates_place_named_once"),
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["zip", "town", "state"])),
                        name="consulates_place_kind_is_known",
                    ),
                ],
            },
        ),
    ]
