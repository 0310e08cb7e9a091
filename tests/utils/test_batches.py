"""Requests of one moment go together, get their own answers, and do not take each other along when one fails."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from mexitel.utils.batches import Batches, Crowded


def test_who_waits_while_one_is_carried_out_goes_together():
    sizes, first, others = [], threading.Event(), threading.Barrier(6)

    def answer(asked):
        sizes.append(len(asked))
        if asked == ["first"]:
            first.set()
            others.wait(20)
            wait_for(batches, 5)
        return [one.upper() for one in asked]

    batches = Batches(answer)
    with ThreadPoolExecutor(6) as pool:
        told = [pool.submit(batches.ask, "first")]
        assert first.wait(20)
        told += [pool.submit(lambda n=n: (others.wait(20), batches.ask(f"n{n}"))[1]) for n in range(5)]
        assert [one.result(20) for one in told] == ["FIRST", "N0", "N1", "N2", "N3", "N4"]
    assert sizes == [1, 5]


def wait_for(batches, many):
    """Until so many stand in line."""
    waited = threading.Event()
    while len(batches._waiting) < many:
        waited.wait(0.001)


def test_one_that_fails_takes_nobody_along():
    def answer(asked):
        if 3 in asked:
            raise ValueError(3)
        return asked

    batches = Batches(answer, most=10)
    with ThreadPoolExecutor(6) as pool:
        told = [pool.submit(batches.ask, n) for n in range(6)]
    assert [one.result() for n, one in enumerate(told) if n != 3] == [0, 1, 2, 4, 5]
    with pytest.raises(ValueError, match="3"):
        told[3].result()


def test_no_batch_is_larger_than_it_may_be():
    sizes = []
    batches = Batches(lambda asked: sizes.append(len(asked)) or asked, most=2)
    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(batches.ask, range(8))) == list(range(8))
    assert max(sizes) <= 2


def test_where_enough_wait_nobody_more_is_taken():
    inside, go_on = threading.Event(), threading.Event()

    def answer(asked):
        inside.set()
        assert go_on.wait(20)
        return asked

    batches = Batches(answer, most_waiting=1)
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(batches.ask, 1)
        assert inside.wait(20)
        second = pool.submit(batches.ask, 2)
        wait_for(batches, 1)
        with pytest.raises(Crowded):
            batches.ask(3)
        go_on.set()
        assert [first.result(20), second.result(20), batches.ask(3)] == [1, 2, 3]
