"""The Celery application and its timetable. Tasks take ids by keyword and may run twice; no request ever calls them."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mexitel.settings.dev")

app = Celery("mexitel")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

# name -> {"task": dotted name, "schedule": seconds or celery.schedules.crontab(...)}
app.conf.beat_schedule = {}
