"""A month that has ended is frozen: by the database itself, with hashes that anybody can check."""

import hashlib
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError

from appointments.models import FrozenMonth, SupplyFact, UseFact
from appointments.statistics import files, freezing, upkeep
from tests.appointments.figures.scene import a_full_day, after, close, frozen_scene, violated

pytestmark = pytest.mark.django_db


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

    with pytest.raises(IntegrityError, match="frozen"):
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


def test_the_command_checks_frozen_months_and_makes_open_days(capsys):
    scene, frozen = frozen_scene()

    call_command("figures", "check")
    call_command("figures", "make", "--from", "2020-01-01", "--to", "2020-01-02")

    told = capsys.readouterr().out
    assert f"{frozen.month:%Y-%m} as it was frozen" in told
    assert "0 rows of supply" in told
    with pytest.raises(CommandError, match="frozen"):
        call_command("figures", "make", "--from", str(scene.day), "--to", str(scene.day))
