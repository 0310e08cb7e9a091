"""``manage.py rotate_field_keys``: seal personal data and secrets again with the first of ``FIELD_KEYS``."""

from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils.module_loading import import_string

from mexitel.utils.crypto import EncryptedTextField, reseal

BATCH = 500


class Command(BaseCommand):
    help = "Seal personal data again with the first field key; run it before an old key is dropped. Safe to repeat."

    def handle(self, *args: Any, **options: Any) -> None:
        for model in apps.get_models():
            fields = [field for field in model._meta.concrete_fields if isinstance(field, EncryptedTextField)]
            if fields and model._meta.managed:
                changed = reseal(model, [field.column for field in fields if field.column], batch=BATCH)
                self.stdout.write(f"{model._meta.db_table}: {changed} rows sealed again")
        for path in settings.SEALED_ELSEWHERE:
            self.stdout.write(f"{path}: {import_string(path)()} rows sealed again")
