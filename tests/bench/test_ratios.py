"""A ratio counts only where the references around it agree; figures that are no ratios, only near the day's best."""

import pytest

from bench import ratios
from bench.ratios import Row, in_turn


def measured(references, subjects, rounds):
    told = {"reference": iter(references), "subject": iter(subjects)}
    return in_turn(Row("a", "b"), rounds, lambda: next(told["reference"]), lambda: next(told["subject"]))


def test_a_subject_is_held_against_the_references_on_both_sides():
    row = measured([100, 120, 100], [55, 66], 2)
    assert row.ratios == [0.5, 0.6]
    assert (row.notes, "best   60.0%  median   55.0%" in row.text()) == ([], True)


def test_a_round_whose_references_disagree_is_measured_again():
    row = measured([100, 40, 42, 40], [50, 20, 21], 2)
    assert row.ratios == [pytest.approx(20 / 41), pytest.approx(21 / 41)]
    assert row.notes[0].startswith("1 rounds repeated")


def test_a_machine_that_never_settles_is_measured_all_the_same():
    row = measured([100, 10] * 6, [50] * 12, 3)
    assert len(row.ratios) == 3
    assert row.notes[0].startswith("3 rounds repeated")


@pytest.mark.parametrize(("today", "judged"), [("", True), ("calibration 120 x", True), ("calibration 140 x", False)])
def test_times_are_judged_near_the_days_best(tmp_path, monkeypatch, today, judged):
    monkeypatch.setattr(ratios, "hashes", lambda: 100)
    file = tmp_path / "today.txt"
    file.write_text(today)
    assert ("NOT judged" not in ratios.calibration(file)) is judged
