"""The engine over rows: the same flags and groups as over memory, whatever the batches."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from random import Random

import pytest

from antifraud.events import Event, parse_event
from antifraud.live.cases import Recorder
from antifraud.live.rebuild import rebuild
from antifraud.live.store import LiveStore, learn
from antifraud.models import Booker, GroupChange
from antifraud.replay import replay
from antifraud.rulesets import ruleset
from bench.simulator import simulate
from bench.simulator.dialects import told
from mexitel.utils.time import now as clock

pytestmark = pytest.mark.django_db
NOW = clock()
# Edges end within days, so that a few weeks show what half a year does.
RULES = replace(ruleset(1), windows={**ruleset(1).windows, "edge": 2})


def world(seed: int, size: int) -> list[Event]:
    return [
        parse_event(json.loads(json.dumps(one))) for one in told(simulate(seed, size=size).events, ["names-in-hold"])
    ]


def batches(events: Sequence[Event], seed: int) -> Iterator[Sequence[Event]]:
    """Of 1 to 400 events."""
    rng, start = Random(seed), 0
    while start < len(events):
        size = rng.choice((1, 7, 60, 400))
        yield events[start : start + size]
        start += size


def stored() -> LiveStore:
    """Everything that the rows say."""
    store = LiveStore(Recorder())
    store.load(list(Booker.objects.values_list("id", flat=True)))
    return store


def told_of(bookings) -> dict:
    return {one.id: (one.flag.at, one.flag.assessment) if one.flag else None for one in bookings}


def groups_of(accounts) -> dict:
    groups = {account.group.id: account.group for account in accounts if account.group}
    return {name: (list(group.members), group.best, bool(group.case), group.judged) for name, group in groups.items()}


def members_of(accounts) -> list:
    return [members for members, *_ in groups_of(accounts).values()]


def with_reviews(events: list[Event]) -> list[Event]:
    """In the middle a person looks at the actors of the first half, and finds every other one to be none."""
    middle = len(events) // 2
    accounts = replay(events[:middle], RULES).accounts.values()
    found = {account.group.id: account.id for account in accounts if account.group and account.group.case}
    t = events[middle].t
    reviews = [
        Event(t, "review", account=one, verdict=("broker", "legitimate")[place % 2])
        for place, one in enumerate(found.values())
    ]
    return [*events[:middle], *reviews, *events[middle:]]


def test_rows_and_memory_flag_and_group_alike():
    events = with_reviews(world(3, 1000)[:5000])
    memory = replay(events, RULES)
    recorder = Recorder()

    for batch in batches(events, 1):
        learn(batch, rules=RULES, now=NOW, cases=recorder)

    live = stored()
    assert {entry.act for entry in memory.logs} == {"merged", "split"}
    assert sum(booking.flag is not None for booking in memory.bookings.values()) > 20
    assert told_of(live.graph.bookings.values()) == told_of(memory.bookings.values())
    assert groups_of(live.graph.accounts.values()) == groups_of(memory.accounts.values())
    assert list(GroupChange.objects.order_by("pk").values_list("t", "act", "kept", "other", "reason")) == memory.logs


def test_rebuilt_memory_goes_on_as_if_it_had_never_stopped():
    events = with_reviews(world(3, 1000)[:5000])
    half = len(events) * 2 // 3
    memory = replay(events, RULES)
    learn(events[:40], rules=RULES, now=NOW, cases=Recorder())

    rebuild(iter(events[:half]), rules=RULES, now=NOW, cases=Recorder())
    for batch in batches(events[half:], 2):
        learn(batch, rules=RULES, now=NOW, cases=Recorder())

    live = stored()
    assert told_of(live.graph.bookings.values()) == told_of(memory.bookings.values())
    assert sorted(map(sorted, members_of(live.graph.accounts.values()))) == sorted(
        map(sorted, members_of(memory.accounts.values()))
    )
