"""The Celery application. Tasks take ids by keyword and may run twice; no request ever calls them."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mexitel.settings.dev")

app = Celery("mexitel")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
