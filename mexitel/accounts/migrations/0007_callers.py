"""Accounts that an agent opens for a caller, without any contact until one is verified."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("accounts", "0005_staff_links")]

    operations = [
        migrations.AddField(
            model_name="user",
            name="registered_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.RemoveConstraint(model_name="user", name="accounts_user_has_contact"),
        migrations.AddConstraint(
            model_name="user",
            constraint=models.CheckConstraint(
                condition=Q(email__isnull=False)
                | Q(phone_verified_at__isnull=False)
                | Q(deleted_at__isnull=False)
                | Q(registered_by__isnull=False),
                name="accounts_user_has_contact",
                violation_error_message="An account needs an e-mail address or a verified phone.",
            ),
        ),
        migrations.AddConstraint(
            model_name="user",
            constraint=models.CheckConstraint(
                condition=Q(registered_by__isnull=True) | Q(is_staff=False, is_superuser=False),
                name="accounts_user_registered_is_a_citizen",
                violation_error_message="Staff are invited, never registered as callers.",
            ),
        ),
        migrations.AlterField(
            model_name="coderequest",
            name="purpose",
            field=models.CharField(
                choices=[
                    ("sign_in", "Sign in"),
                    ("change_email", "Change e-mail"),
                    ("verify_phone", "Verify phone"),
                    ("delete_account", "Delete account"),
                    ("step_up", "Confirm it is you"),
                    ("call", "Say it on the telephone"),
                ],
                max_length=20,
            ),
        ),
    ]
