from datetime import UTC, datetime

from mexitel import celery
from mexitel.outbox import services, tasks
from mexitel.outbox.models import Heartbeat, OutboxMessage

NOW = datetime(2026, 11, 23, 18, 0, 0, 123456, tzinfo=UTC)


def test_the_timetable_names_only_tasks_that_exist():
    celery.app.loader.import_default_modules()

    assert [name for name in celery.BEAT if name not in celery.app.tasks] == []


def test_deliver_finds_its_row_by_id_and_moment(db):
    services.send_mail(to="a@correo.example", subject="s", text="t", language="es", now=NOW, kind="x")
    row = OutboxMessage.objects.get()

    assert tasks.deliver(outbox_id=row.id, created_at=row.created_at.isoformat()) == "done"
    assert tasks.deliver(outbox_id=row.id, created_at=row.created_at.isoformat()) == "skipped"


def test_pulse_marks_a_whole_round_trip(db):
    tasks.pulse()

    assert Heartbeat.objects.filter(name="tasks").exists()


def test_ensure_partitions_may_run_twice(db):
    tasks.ensure_partitions()

    assert tasks.ensure_partitions() == 0


def test_apply_retention_may_run_twice(db):
    assert tasks.apply_retention() == tasks.apply_retention()
