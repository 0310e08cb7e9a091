"""kill -9 of every part of a whole portal while people book: what was acknowledged is there, once, and was told once.

kill -9 shows crashes of processes, not loss of power: the page cache survives it. That durability is switched on is
asked of the server.
"""

import re
import time
from collections import Counter

import pytest

from appointments.services.recount import RECOUNT, Difference
from mexitel.utils.time import now as clock
from tests.faults.citizens import Account, Citizen, Deed, mails
from tests.faults.processes import wait_until
from tests.faults.whole_portal import WholePortal

pytestmark = pytest.mark.faults

CITIZENS, ACCOUNTS = 3, 5
DURABLE = ("fsync", "synchronous_commit", "full_page_writes")


class Town:
    """The portal and the people who book in it."""

    def __init__(self, portal: WholePortal, citizens: list[Citizen] | None = None) -> None:
        self.portal = portal
        self.citizens = citizens or [
            Citizen(number, portal.port, portal.run, [Account(f"c{number}a{n}@example.org") for n in range(ACCOUNTS)])
            for number in range(CITIZENS)
        ]
        self.recoveries: list[tuple[str, float, float]] = []

    def again(self) -> "Town":
        return Town(self.portal, [citizen.again() for citizen in self.citizens])

    def begin(self) -> None:
        for citizen in self.citizens:
            citizen.start()
        self.goes_on()

    def end(self) -> None:
        for citizen in self.citizens:
            citizen.enough.set()
        for citizen in self.citizens:
            citizen.join(90)
            assert not citizen.is_alive()

    def stays_well(self) -> None:
        assert [words for citizen in self.citizens for words in citizen.wrong] == []

    def booked_within(self, spans: list[tuple[float, float]]) -> int:
        """How many bookings were begun and acknowledged inside one of ``spans``."""
        return sum(
            start <= begun and ended <= end
            for citizen in self.citizens
            for begun, ended in list(citizen.booked)
            for start, end in spans
        )

    def goes_on(self, bookings: int = 8) -> None:
        """The portal works, and so many more people have booked since now."""
        since = time.monotonic()
        assert wait_until(self.portal.works, 60), self.portal.words()
        works = time.monotonic()
        assert wait_until(lambda: self.booked_within([(since, time.monotonic())]) >= bookings, 60), self.seen()
        died = self.portal.kills[-1][0] if self.portal.kills else "nothing"
        self.recoveries.append((died, round(works - since, 1), round(time.monotonic() - works, 1)))
        self.stays_well()

    def deeds(self, verb: str) -> list[Deed]:
        return [deed for citizen in self.citizens for deed in citizen.deeds if deed.verb == verb]

    def acknowledged(self) -> dict[str, dict]:
        """The appointments that people were told of, by id; each with what was told last."""
        told = {one["id"]: one for deed in self.deeds("confirm") for one in deed.appointments}
        return told | {one["id"]: one for deed in self.deeds("cancel") for one in deed.appointments}

    def seen(self) -> Counter:
        return sum((Counter(citizen.seen) for citizen in self.citizens), Counter())


@pytest.fixture
def town(tmp_path):
    portal = WholePortal(tmp_path / "portal")
    try:
        portal.up()
        yield Town(portal)
    finally:
        portal.remove()


@pytest.mark.long
def test_kills_in_turn_lose_nothing_and_double_nothing(town, record_property):
    """Its last part is the control: without synchronous_commit, the same kill and the same comparison find losses."""
    portal = town.portal
    assert {name: portal.rows(f"SHOW {name}") for name in DURABLE} == {name: [("on",)] for name in DURABLE}
    town.begin()

    each_dies_once(town)
    town.end()
    check(town, record_property)

    portal.rows("ALTER SYSTEM SET synchronous_commit = off")
    portal.rows("ALTER SYSTEM SET wal_writer_delay = '10s'")
    portal.rows("SELECT pg_reload_conf()")
    late = town.again()
    late.begin()
    assert wait_until(lambda: late.booked_within([(0, time.monotonic())]) >= 10)
    portal.kill("postgres")
    late.end()
    assert wait_until(portal.works, 60), portal.words()
    assert set(late.acknowledged()) - set(appointments(portal))


@pytest.mark.long
def test_many_kills_in_turn_lose_nothing_and_double_nothing(town, record_property):
    """Five rounds, and the postmaster alone and one backend alone among them."""
    town.begin()
    for _ in range(5):
        each_dies_once(town)
        town.portal.kill("postmaster")
        town.goes_on()
        town.portal.kill("backend")
        town.goes_on()
    town.end()
    check(town, record_property)


def each_dies_once(town: Town) -> None:
    portal = town.portal
    portal.kill("postgres")
    town.goes_on()
    for name in ("worker", "redis"):  # people notice neither
        dead = portal.kill_until(name, lambda dead: town.booked_within(dead) >= 3)
        assert town.booked_within(dead) >= 3, (name, dead, town.seen())
        town.goes_on()
    for name in ("postgres", "relay", "beat", "web process", "web"):
        portal.kill(name)
        town.goes_on()


def check(town: Town, record_property) -> None:
    """Every acknowledged booking is there, every refused one is not, every unknown one is one of both; each is told."""
    portal = town.portal
    assert portal.ended() == portal.killed()  # nothing died of another's death
    unknown = [deed for citizen in town.citizens for deed in citizen.deeds if deed.was_unknown]
    left = sum(not deed.status for deed in unknown)
    assert [deed for citizen in town.citizens for deed in citizen.settle()] == []
    town.stays_well()

    there, told = appointments(portal), town.acknowledged()
    assert {pk: (one["reference"], one["status"]) for pk, one in told.items()} == there
    refused = {deed.path.split("/")[2] for deed in town.deeds("confirm") if not deed.acknowledged}
    confirmed = {deed.path.split("/")[2] for deed in town.deeds("confirm") if deed.acknowledged}
    parties = [party for (party,) in portal.rows("SELECT party_id::text FROM appointments_appointment")]
    assert sorted(parties) == sorted(confirmed)
    assert not set(parties) & (refused - confirmed)
    holds = {pk for (pk,) in portal.rows("SELECT id::text FROM appointments_hold")}
    assert holds == {deed.answer["id"] for deed in town.deeds("hold") if deed.acknowledged}
    difference = Difference(*portal.rows(RECOUNT, {"now": clock()})[0])
    assert not difference.any, difference

    since = time.monotonic()
    waiting = "SELECT count(*) FROM outbox_message WHERE done_at IS NULL AND due_at <= now()"
    assert wait_until(lambda: portal.rows(waiting) == [(0,)], 90), portal.rows(waiting)
    confirmations, cancellations = mailed(portal)
    standing = {reference for reference, status in there.values() if status == "booked"}
    cancelled = {reference for reference, status in there.values() if status == "cancelled"}
    assert {reference: confirmations[reference] for reference in standing} == dict.fromkeys(standing, 1)
    assert cancellations == dict.fromkeys(cancelled, 1)
    # What was cancelled before its confirmation went out is not confirmed any more.
    assert set(confirmations) - standing <= cancelled
    assert max(confirmations.values()) == 1

    figures = {
        "kills": len(portal.kills),
        "bookings": len(told),
        "cancelled": len(cancelled),
        "refused": sum(deed.status >= 400 for citizen in town.citizens for deed in citizen.deeds),
        "unknown": len(unknown),
        "left unknown": left,
        "mails": confirmations.total() + cancellations.total(),
        "seconds until the last mail": round(time.monotonic() - since, 1),
        "recoveries": town.recoveries,
        "answers": dict(town.seen()),
    }
    record_property("figures", figures)
    print(figures)


def appointments(portal: WholePortal) -> dict[str, tuple[str, str]]:
    query = "SELECT id::text, reference, status FROM appointments_appointment"
    return {pk: (reference, status) for pk, reference, status in portal.rows(query)}


def mailed(portal: WholePortal) -> tuple[Counter, Counter]:
    """How many confirmations and how many cancellations reached a mailbox, by reference."""
    kinds = dict(portal.rows("SELECT id, kind FROM outbox_outgoing_message"))
    counts = {"appointment.booked": Counter(), "appointment.cancelled": Counter()}
    for mail in mails(portal.run):
        kind = kinds[int(mail["Message-ID"].split(".")[1])]
        if kind in counts:
            words = mail.get_body(("plain",)).get_content()
            found = re.findall(r"\b[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]\b", words)
            counts[kind].update(reference.replace("-", "") for reference in found)
    return counts["appointment.booked"], counts["appointment.cancelled"]
