"""A month that has ended is frozen: by the database itself, with hashes that anybody can check."""

import hashlib
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from appointments.models import FrozenMonth, SupplyFact, UseFact
from appointments.statistics import files, freezing, upkeep
from tests.appointments.statistics.scene import a_full_day, close

pytestmark = pytest.mark.django_db


def after(month: date, day: int) -> datetime:
    """Noon of a day of the next month."""
    following = freezing.last_day(month) + timedelta(days=day)
    return datetime(following.year, following.month, following.day, 23, tzinfo=UTC)


def frozen_scene():
    scene = a_full_day()
    month = scene.day.replace(day=1)
    scene.make_facts()
    return scene, freezing.freeze(month, now=after(month, 6))


def refused():
    return pytest.raises(IntegrityError, check=lambda e: "facts_of_a_frozen_month" in constraint_of(e))


def constraint_of(error: BaseException) -> str:
    return getattr(getattr(error.__cause__, "diag", None), "constraint_name", "") or ""


def violated(statement: str, values=()) -> str:
    """The constraint that refuses the statement; empty when nothing does."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement, values)
    except IntegrityError as error:
        return constraint_of(error)
    return ""


def test_a_month_is_frozen_on_its_fifth_day_of_grace_and_once():
    scene = a_full_day()
    month = scene.day.replace(day=1)
    upkeep.tend(now=after(month, 3))
    early = FrozenMonth.objects.count()

    upkeep.tend(now=after(month, 6))
    upkeep.tend(now=after(month, 7))

    assert early == 0
    frozen = FrozenMonth.objects.get()
    assert (frozen.month, frozen.frozen_at) == (month, after(month, 6))


def test_freezing_reads_the_ledger_once_more():
    scene = a_full_day()
    month = scene.day.replace(day=1)
    scene.make_facts()
    SupplyFact.objects.update(sessions_held=9)  # a bug, a hand, a run that saw half

    freezing.freeze(month, now=after(month, 6))

    assert SupplyFact.objects.get().sessions_held == 0


def test_a_frozen_month_refuses_every_change_even_of_its_own_maker():
    scene, frozen = frozen_scene()
    close(scene, at=after(frozen.month, 9))

    with refused():
        scene.make_facts()
    assert violated("UPDATE appointments_supplyfact SET offered = 0") == "facts_of_a_frozen_month"
    assert violated("UPDATE appointments_usefact SET day = day + 60") == "facts_of_a_frozen_month"
    assert violated("DELETE FROM appointments_offerfact") == "facts_of_a_frozen_month"
    new = "INSERT INTO appointments_waitfact (consulate_id, day, procedure_id, days) VALUES (1, %s, 1, 0)"
    assert violated(new, [scene.day]) == "facts_of_a_frozen_month"
    assert violated(new, [scene.day + timedelta(days=62)]) == ""
    assert UseFact.objects.get().kept == 1


def test_what_changed_after_freezing_is_not_tried_again():
    scene, frozen = frozen_scene()
    later = after(frozen.month, 9)

    close(scene, at=later)

    assert upkeep.due_days(now=later) == []


def test_frozen_figures_come_out_of_their_facts_with_the_same_bytes():
    _scene, frozen = frozen_scene()

    assert freezing.check(frozen) == []
    for name, content in files.of_month(frozen.month).items():
        assert hashlib.sha256(content).hexdigest() == frozen.files[name]


def test_a_day_enters_a_month_that_is_being_frozen_before_it_or_not_at_all(live_db, owner_connection):
    """And with the guards taken away the same change goes through, which the hashes then tell."""
    _scene, frozen = frozen_scene()
    change = "UPDATE appointments_supplyfact SET sessions_held = 1"
    assert violated(change) == "facts_of_a_frozen_month"
    assert violated("DELETE FROM appointments_frozenmonth") in ("", "figures_are_for_ever")

    with owner_connection.cursor() as owner:
        for name in ("frozen_update_to", "frozen_update_from"):
            owner.execute(f"ALTER TABLE appointments_supplyfact DISABLE TRIGGER {name}")

    assert violated(change) == ""
    assert freezing.check(frozen) == ["facts", f"{frozen.month:%Y-%m}.csv"]
