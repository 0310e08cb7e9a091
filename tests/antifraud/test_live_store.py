"""The engine over rows: the same flags and groups as over memory, whatever the batches."""

import os
import re
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from random import Random

import psycopg2
import pytest
from django.core.management import call_command
from django.db import connection

from antifraud.events import Event, parse_event
from antifraud.live.cases import Recorder
from antifraud.live.rebuild import EVERYTHING, rebuild
from antifraud.live.store import LOCK, LiveStore, learn
from antifraud.models import BookedSeat, Booker, GroupChange, Tally
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
    return [parse_event(one) for one in told(simulate(seed, size=size).events, ["names-in-hold"])]


def batches(events: Sequence[Event], seed: int) -> Iterator[Sequence[Event]]:
    """Of 1 to 400 events."""
    rng, start = Random(seed), 0
    while start < len(events):
        size = rng.choice((1, 60, 300, 400))
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
    """A rebuild numbers groups anew."""
    return sorted(sorted(members) for members, *_ in groups_of(accounts).values())


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
    events = with_reviews(world(3, 1000)[:3000])
    split = len(events) * 2 // 3
    memory = replay(events, RULES)
    learn(events[:40], rules=RULES, now=NOW, cases=Recorder())

    done = rebuild(iter(events[:split]), rules=RULES, now=NOW, cases=Recorder())
    for batch in batches(events[split:], 2):
        learn(batch, rules=RULES, now=NOW, cases=Recorder())

    live = stored()
    assert done.appointments == sum(event.kind == "book" for event in events[:split])
    assert told_of(live.graph.bookings.values()) == told_of(memory.bookings.values())
    assert members_of(live.graph.accounts.values()) == members_of(memory.accounts.values())


def test_group_keeps_its_number_through_a_rebuild():
    events = world(3, 120)
    learn(events, rules=RULES, now=NOW, cases=Recorder())
    before = numbers()
    assert before

    rebuild(iter(events), rules=RULES, now=NOW, cases=Recorder())

    assert numbers() == before


def test_command_rebuilds_from_the_ledger_in_its_transaction(monkeypatch, capsys):
    events = world(3, 60)
    monkeypatch.setattr("antifraud.live.rebuild.import_string", lambda name: lambda rebuild: rebuild(iter(events)))

    call_command("antifraud_rebuild")

    booked = sum(event.kind == "book" for event in events)
    assert capsys.readouterr().out.startswith(f"{booked} appointments of ")
    assert BookedSeat.objects.count() == booked


def test_rebuild_may_read_and_compute_longer_than_a_request():
    def events() -> Iterator[Event]:
        yield from world(3, 20)
        with connection.cursor() as cursor:
            cursor.execute("SHOW statement_timeout")
            limits.extend(cursor.fetchone())
            cursor.execute("SHOW idle_in_transaction_session_timeout")
            limits.extend(cursor.fetchone())

    limits: list[str] = []

    rebuild(events(), rules=RULES, now=NOW, cases=Recorder())

    assert limits == ["30min", "30min"]


def numbers() -> dict:
    return dict(Booker.objects.filter(group__isnull=False).values_list("id", "group"))


def test_statements_of_a_batch_do_not_grow_with_it(django_assert_max_num_queries):
    events = world(3, 400)
    learn(events[:600], rules=RULES, now=NOW, cases=Recorder())

    with django_assert_max_num_queries(70):
        learn(events[600:1800], rules=RULES, now=NOW, cases=Recorder())


def test_another_ingest_returns_at_once():
    events = world(3, 60)
    with other_session() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        assert not learn(events, rules=RULES, now=NOW, cases=Recorder())
        assert not Booker.objects.exists()
        cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])
    assert learn(events, rules=RULES, now=NOW, cases=Recorder())
    assert Booker.objects.exists()


@contextmanager
def other_session():
    with closing(psycopg2.connect(os.environ["DATABASE_URL"])) as connection, connection.cursor() as cursor:
        yield cursor


def test_batch_that_fails_leaves_nothing():
    events = world(3, 60)
    broken = Event(events[-1].t, "cancel", appointment="\0")

    with pytest.raises(ValueError, match="NUL"):
        learn([*events, broken], rules=RULES, now=NOW, cases=Recorder())

    assert not Booker.objects.exists()
    assert not Tally.objects.exists()


def test_nothing_raw_is_kept():
    raw = simulate(3, size=100).events
    learn([parse_event(one) for one in raw], rules=RULES, now=NOW, cases=Recorder())
    with connection.cursor() as cursor:
        kept = ""
        for table in EVERYTHING:
            cursor.execute(f"SELECT coalesce(string_agg(t::text, ' '), '') FROM {table.name} t")
            kept += cursor.fetchone()[0].lower()

    secrets = {one[key] for key in ("email", "phone") for one in raw if one.get(key)}
    secrets |= {one["email"].split("@")[1] for one in raw if one.get("email")}
    names = {name for one in raw if (a := one.get("applicant")) for name in (a["surname_1"], a["curp"]) if name}
    assert [one for one in secrets if one.lower() in kept] == []
    assert {name.lower() for name in names} & set(re.findall(r"\w+", kept)) == set()
    assert raw[0]["account"].lower() in kept  # the control
