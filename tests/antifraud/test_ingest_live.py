"""The whole way: bookings in the portal, the engine's memory as rows, and a case on the desk."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils.module_loading import import_string

from antifraud.lanes import steps
from antifraud.live.ingest import ingest
from antifraud.models import Case, ReadUpTo, StepKind
from antifraud.tasks import ingest as ingest_task
from appointments.enums import Channel
from appointments.services import Entry
from tests.antifraud.portal_history import ALL, _born, a_broker, a_mother_with, booked, texts_of, wait_until_settled
from tests.factories import appointments as make
from tests.factories.appointments import NOW

store = pytest.importorskip("antifraud.live.store")


def take_in(*, now=NOW, open_store=None):
    return ingest(now=now, open_store=open_store or store.live_store, below=ALL)


def in_cases():
    return {str(pk) for pk in Case.objects.standing().values_list("appointments__appointment", flat=True)}


def test_a_brokers_bookings_end_in_one_open_case_and_a_family_in_none(db, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        theirs = a_broker()
        a_mother_with(4)
        take_in()
    assert in_cases() == {str(pk) for pk in theirs}
    case = Case.objects.get()
    assert case.accounts.count() == 8
    assert sum(reason["points"] for reason in case.reasons) == case.score >= 8


def test_what_comes_later_joins_the_case_and_nothing_is_done_twice(db, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        theirs = a_broker(accounts=7)
        take_in()
        account = Case.objects.get().accounts.first().account
        steps.take(account, StepKind.CODE, now=NOW + timedelta(hours=1))
        later = Entry("Persona Z", "Zapién", "", _born(1971), fill_seconds=8)
        theirs += booked(account, make.slot(), later, now=NOW + timedelta(hours=1), channel=Channel.COUNTER)
        take_in()
        take_in()
    assert in_cases() == {str(pk) for pk in theirs}
    assert Case.objects.count() == 1


def test_a_crash_while_the_memory_is_written_leaves_position_and_memory_as_they_were(db, monkeypatch):
    a_mother_with(2)
    monkeypatch.setattr(store.LiveStore, "save", lambda self, now: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        take_in()
    monkeypatch.undo()
    assert not ReadUpTo.objects.filter(name="memory").exists()
    assert take_in() == 4
    assert take_in() == 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM antifraud_bookedseat")
        assert cursor.fetchone()[0] == 3


def test_nothing_raw_stands_in_the_memory(db, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        a_broker()
        a_mother_with(2)
        take_in(now=NOW + timedelta(minutes=30))
    tables = [name for name in connection.introspection.table_names() if name.startswith("antifraud_")]
    kept = texts_of([*tables, "appointments_trace"])
    for raw in ("gestor", "filas", "planted", "gmail", "example.com", "Zúñiga", "ZUNIGA", "Abarca", "ABARCA", "Lucía"):
        assert raw not in kept


def test_the_task_runs_and_a_rebuild_goes_on_where_it_ended(live_db):
    a_broker()
    wait_until_settled()
    ingest_task()
    done = import_string("antifraud.live.rebuild.rebuild_portal")(now=NOW)
    assert (done.accounts, done.appointments, done.cases) == (8, 8, 1)
    ingest_task()
    assert Case.objects.count() == 1
