"""The guard of frozen months is the database's: taken away, the same change goes through, and the hashes tell it."""

import threading

from django.db import connection

from appointments.models import SupplyFact
from appointments.statistics import freezing
from tests.appointments.figures.scene import a_full_day, after, frozen_scene, violated

CHANGE = "UPDATE appointments_supplyfact SET sessions_held = 1"


def test_with_the_guard_taken_away_the_hashes_tell_a_change(live_db, owner_connection):
    _scene, frozen = frozen_scene()
    assert violated(CHANGE) == "facts_of_a_frozen_month"

    with owner_connection.cursor() as owner:
        for name in ("frozen_update_to", "frozen_update_from"):
            owner.execute(f"ALTER TABLE appointments_supplyfact DISABLE TRIGGER {name}")

    assert violated(CHANGE) == ""
    assert freezing.check(frozen) == ["facts", f"{frozen.month:%Y-%m}-dias.csv", f"{frozen.month:%Y-%m}.csv"]


def test_not_even_the_owner_of_the_schema_thaws_a_month(live_db, owner_connection):
    frozen_scene()

    told = []
    with owner_connection.cursor() as owner:
        for statement in ("DELETE FROM appointments_frozenmonth", "TRUNCATE appointments_supplyfact", CHANGE):
            try:
                owner.execute(statement)
            except Exception as error:  # of psycopg2, by its constraint
                told.append(error.diag.constraint_name)

    assert told == ["figures_are_for_ever", "figures_are_for_ever", "facts_of_a_frozen_month"]


def test_a_fact_that_is_written_while_a_month_freezes_waits_and_is_refused(live_db, owner_connection):
    scene = a_full_day()
    month = scene.day.replace(day=1)
    scene.make_facts()
    refusals = []
    with owner_connection.cursor() as owner:
        owner.execute("BEGIN")
        owner.execute("SELECT pg_advisory_xact_lock(figures_lock())")

        def change():
            refusals.append(violated(CHANGE))
            connection.close()

        writer = threading.Thread(target=change)
        writer.start()
        waits_for_the_lock(owner)
        owner.execute(
            "INSERT INTO appointments_frozenmonth (month, frozen_at, facts_sha256, files) VALUES (%s, %s, '', '{}')",
            [month, after(month, 6)],
        )
        owner.execute("COMMIT")
        writer.join(timeout=20)

    assert refusals == ["facts_of_a_frozen_month"]
    assert SupplyFact.objects.get().sessions_held == 0


def waits_for_the_lock(cursor) -> None:
    for _ in range(2000):
        cursor.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
        if cursor.fetchone()[0]:
            return
    raise AssertionError("nobody waits")
