import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import mexitel.utils.crypto


class Migration(migrations.Migration):
    dependencies = [
        ("appointments", "0013_attendee_lookup"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="capoverride",
            name="hold_id",
            field=models.UUIDField(null=True, unique=True),
        ),
        migrations.AddField(
            model_name="capoverride",
            name="shown_name",
            field=mexitel.utils.crypto.EncryptedTextField(blank=True, default=""),
        ),
        migrations.AlterField(
            model_name="capoverride",
            name="author",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddConstraint(
            model_name="capoverride",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("author__isnull", True), ("cap__lte", 8), ("hold_id__isnull", False), ("kind", "family")),
                    models.Q(
                        models.Q(("kind", "family"), _negated=True),
                        ("author__isnull", False),
                        ("hold_id__isnull", True),
                    ),
                    _connector="OR",
                ),
                name="cap_override_signed_unless_one_family",
            ),
        ),
    ]
