"""Brokers who adapt, in a tiny world on the portal's services: both arms run, they do adapt, the numbers add up."""

import os

import pytest

from bench import adaptive
from bench.adapting.brokers import STYLES
from bench.adapting.playing import play
from tests.plugins.databases import clone_of_template, serving_from

SEED, SIZE, DAYS = 2, 36, 2


@pytest.fixture(scope="module")
def pair(django_db_setup, django_db_blocker):
    arms = []
    for guarded in (False, True):
        name = f"mexitel_adaptive_{os.getpid()}_{guarded:d}"
        with django_db_blocker.unblock(), clone_of_template(name), serving_from(name):
            arms.append(play(SEED, size=SIZE, guarded=guarded, days=DAYS))
    return tuple(arms)


def test_what_everybody_has_adds_up(pair):
    for arm in pair:
        everybody = sum(arm.kept.values())
        assert 0 < everybody <= arm.seats
        assert arm.of_brokers(arm.kept) + arm.of_honest(arm.kept) == everybody
        assert sum(arm.share(arm.hours, kind) for kind in [*arm.hours]) == pytest.approx(1)
        for kind in arm.booked:
            assert arm.kept[kind] + arm.cancelled[kind] <= arm.booked[kind]
            assert arm.sold[kind] <= arm.kept[kind]


def test_with_the_lock_alone_nobody_is_asked_or_cancelled(pair):
    lock, _ = pair
    assert lock.of_brokers(lock.kept) > 0
    assert (lock.cases, lock.blocks, sum(lock.cancelled.values()), sum(lock.asked.values())) == (0, 0, 0, 0)
    assert not any("asked for" in what for counted in lock.adapted.values() for what in counted)


def test_brokers_adapt_to_what_they_are_told(pair):
    lock, on = pair
    did = {what for counted in on.adapted.values() for what in counted}
    assert any(what.startswith("asked for: code") for what in did)
    assert "bought a SIM card" in did
    assert "bought a SIM card" not in {what for counted in lock.adapted.values() for what in counted}
    assert sum(on.spent.values()) > sum(lock.spent.values())


def test_the_table_has_every_kind_of_broker_and_the_reduction(pair):
    said = "\n".join(adaptive.table([pair]))
    assert all(said.count(f"  {style.kind} ") >= 4 for style in STYLES)
    reduction = pair[1].share(pair[1].hours) / pair[0].share(pair[0].hours) - 1
    assert f"each seed: {reduction:.0%}; mean {reduction:.0%}" in said
