"""The Celery application and its timetable. Tasks take ids by keyword and may run twice; no request ever calls them."""

import os
from typing import Any

from celery import Celery
from celery.schedules import crontab
from celery.signals import beat_init, worker_ready
from kombu import Queue

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mexitel.settings.dev")

# The whole timetable, by dotted task name. Seconds, or a crontab in UTC. Each task tidies or reports;
# nothing that must be true waits for one.
BEAT: dict[str, int | crontab] = {
    "mexitel.outbox.tasks.pulse": 15,
    "appointments.tasks.send_due_reminders": 600,
    "mexitel.outbox.tasks.ensure_partitions": crontab(hour=7, minute=10),
    "mexitel.outbox.tasks.apply_retention": crontab(hour=8, minute=20),
    "appointments.tasks.forget_proofs": 1800,
    "appointments.tasks.sample_emergencies": crontab(hour=13, minute=40),
    # Well within the 15 minutes for which a freed seat rests unseen.
    "consulates.tasks.keep_capacity": 300,
    "consulates.tasks.prepare_releases": 3600,
    "consulates.tasks.publish_announcements": 240,
    "consulates.tasks.publish_open_data": 240,
    "consulates.tasks.roll_sample_month": crontab(hour="*/6", minute=5),
    "consulates.tasks.settle_roles": 300,
    "consulates.tasks.roll_practice_office": crontab(hour="*/6", minute=35),
    "appointments.tasks.recount_permits": 300,
    "appointments.tasks.count_phone_shares": 300,
    "appointments.tasks.apply_due_recoveries": 300,
    "appointments.tasks.tell_of_releases": 60,
    "appointments.tasks.tend_closures": 60,
    "appointments.tasks.tend_draws": 60,
    "appointments.tasks.tend_drawings": 5,
    "appointments.tasks.tend_queues": 2,
    "appointments.tasks.tend_waiting": 15,
    "appointments.tasks.tend_figures": crontab(minute=20),
    "appointments.tasks.keep_demand": 60,
    "antifraud.tasks.end_blocks": 3600,
    "antifraud.tasks.ingest": 2,
    "antifraud.tasks.enforce_links": 600,
    "antifraud.tasks.propose_blocks": 600,
    "antifraud.tasks.rebuild": crontab(hour=9, minute=50),
    "antifraud.tasks.carry_out_decisions": 60,
    "antifraud.tasks.draw_second_looks": 600,
    "antifraud.tasks.ask_strong_cases": 60,
    "antifraud.tasks.tend_identity_requests": 180,
    "antifraud.tasks.rehearse": 30,
    "antifraud.tasks.draw_sample": crontab(hour=9, minute=30),
    "antifraud.tasks.compare_agents": crontab(hour=9, minute=45),
    "antifraud.tasks.publish_adverts": 240,
}

app = Celery("mexitel")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.update(
    beat_schedule={
        task: {
            "task": task,
            "schedule": schedule,
            # After an outage one late run is enough.
            "options": {"expires": schedule if isinstance(schedule, int) else 3600},
        }
        for task, schedule in BEAT.items()
    },
    # A worker started without -Q takes both; what somebody waits for comes first.
    task_queues=[Queue("urgent"), Queue("usual")],
    task_default_queue="usual",
    task_publish_retry=False,
)
app.autodiscover_tasks()


@worker_ready.connect
def worker_shows_life(**kwargs: Any) -> None:
    from mexitel.outbox import heartbeat

    heartbeat.start("worker")


@beat_init.connect
def beat_shows_life(**kwargs: Any) -> None:
    from mexitel.outbox import heartbeat

    heartbeat.start("beat")
