from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("audit", "0002_reading"),
    ]

    operations = [
        migrations.CreateModel(
            name="Entry",
            fields=[
                ("id", models.BigIntegerField(primary_key=True, serialize=False)),
                ("at", models.DateTimeField()),
                ("actor_id", models.BigIntegerField(null=True)),
                ("actor_kind", models.TextField()),
                ("action", models.TextField()),
                ("object_type", models.TextField()),
                ("object_id", models.TextField()),
                ("office_id", models.BigIntegerField(null=True)),
                ("reason", models.TextField(blank=True)),
                ("detail", models.JSONField(default=dict)),
            ],
            options={
                "verbose_name": "audit line",
                "db_table": "audit_line",
                "managed": False,
            },
        ),
    ]
