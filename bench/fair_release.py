"""Does a fair release take away what brokers sell? Seats opened in four ways to the same crowd, and freed seats.

    .venv/bin/python bench/fair_release.py [--seeds 1000] [--results [FOLDER]]

Tickets, seed, order and allotment are the product's own functions; the rest of a freed seat is its SQL in Python
(tests/bench/test_fair_release.py holds the two together). What people and brokers do is assumed, and stands below as
constants. Nothing but arithmetic: no database, no network. With --results the table goes into a dated file.
"""

import argparse
import os
import random
import string
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from itertools import product
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from appointments.allocation import canonical  # noqa: E402
from appointments.allocation.commitment import seed_from  # noqa: E402
from appointments.allocation.dictatorship import Application, Award, Choice, Lot, allot  # noqa: E402
from appointments.allocation.order import Ticket, rank  # noqa: E402
from mexitel.utils.emails import canonical_email  # noqa: E402

# -- who is there ---------------------------------------------------------------------------------
PEOPLE, BROKERS, IDENTITIES, REQUESTS = 400, 3, 20, 100
LATE = 0.10  # of people, who come to a queue after it opened; a broker is always early
OFFLINE = 0.30  # of people, who cannot be awake and connected at the minute of an opening
REACTION_SECONDS = (20.0, 0.8)  # median and spread (of the logarithm) of a person who can
FAMILIES = (1, 1, 1, 1, 2, 2, 2, 3, 3, 4)
DAYS = [date(2027, 1, 4) + timedelta(days=n) for n in range(6)]
CHOICES = [Choice("office", day, half) for day, half in product(DAYS, ("am", "pm"))]
SEATS = 120
# -- freed seats ----------------------------------------------------------------------------------
FREED = 100  # in each seed
WAITING = 300  # people on the list; every identity of every broker is on it too
OFFER_MINUTES, OFFERS = 30, 3
ACCEPTED = 0.6  # of the offers that people get; brokers accept each
PERSON_LOOKS = 40.0  # seconds between two looks of anybody among the people who search
BROKER_LOOKS = 2.0  # seconds between two of one broker: a hundred times one person's
ASLEEP = 0.95  # of the people who search, from 21 to 8; no broker sleeps
EVENING, MORNING = 21 * 60, 32 * 60  # the night, as minutes of the day in which it begins
AT_ONCE = 0.05  # seconds that a request of whoever frees needs, when the seat is back in the same moment

Party = Callable[[random.Random], int]


@dataclass(frozen=True)
class Identity:
    """A verified mailbox with a ticket; ``broker`` is None of a person."""

    code: str
    broker: int | None
    party: int
    choices: tuple[Choice, ...]


def addresses() -> list[tuple[str, int | None]]:
    """Every request to join: a person sends one, a broker a hundred spellings of each mailbox."""
    found: list[tuple[str, int | None]] = [(f"persona{n}@outlook.com", None) for n in range(PEOPLE)]
    for broker, identity in product(range(BROKERS), range(IDENTITIES)):
        name = f"gestor{string.ascii_lowercase[broker]}{string.ascii_lowercase[identity]}"
        found += [(f"{name[:4]}.{name[4:]}+{n}@gmail.com", broker) for n in range(REQUESTS)]
    return found


def one_ticket_each(requests: Sequence[tuple[str, int | None]]) -> list[int | None]:
    """Whose the tickets are, after the portal's own rule of what one mailbox is."""
    return list({canonical_email(address): broker for address, broker in requests}.values())


def crowd(owners: Sequence[int | None], rng: random.Random, person: Party, broker: Party) -> list[Identity]:
    made = []
    for owner in owners:
        code = "".join(rng.choices(string.ascii_uppercase, k=20))
        suits = rng.sample(CHOICES, rng.randint(2, 6)) if owner is None else rng.sample(CHOICES, len(CHOICES))
        made.append(Identity(code, owner, (person if owner is None else broker)(rng), tuple(suits)))
    return made


# -- three ways to open ---------------------------------------------------------------------------


def first_come(those: Sequence[Identity], rng: random.Random) -> list[Identity]:
    """Whoever's request arrives first: a person sends one when they can, a broker a hundred in the first seconds."""
    arrivals = []
    for one in those:
        if one.broker is not None:
            arrivals.append((min(rng.uniform(0, 10) for _ in range(REQUESTS)), one))
        elif rng.random() >= OFFLINE:
            arrivals.append((REACTION_SECONDS[0] * rng.lognormvariate(0, REACTION_SECONDS[1]), one))
    return seated([one for _at, one in sorted(arrivals, key=lambda pair: pair[0])])


def queue(those: Sequence[Identity], rng: random.Random) -> list[Identity]:
    """The drawn order of those who were there, then the late."""
    late = {one.code for one in those if one.broker is None and rng.random() < LATE}
    early = [one for one in those if one.code not in late]
    return seated([*drawn(early, rng), *(one for one in those if one.code in late)])


def draw(those: Sequence[Identity], rng: random.Random) -> list[Identity]:
    """Random serial dictatorship over the half-days that suit; brokers take any."""
    by_code = {one.code: one for one in those}
    order = [Application(one.code, one.party, 1, one.choices) for one in drawn(those, rng)]
    lots = [Lot(*choice, session, SEATS // len(CHOICES)) for session, choice in enumerate(CHOICES)]
    return [by_code[line.code] for line in allot(order, lots) if isinstance(line, Award)]


def drawn(those: Sequence[Identity], rng: random.Random) -> list[Identity]:
    """By the product's seed: secret, hash of the sealed list, public random number."""
    sealed = canonical.tickets_csv(Application(one.code, one.party, 1, one.choices) for one in those)
    seed = seed_from(rng.randbytes(32), sha256(sealed).digest(), rng.randbytes(32))
    by_code = {one.code: one for one in those}
    return [by_code[ticket.code] for ticket in rank(seed, [Ticket(one.code) for one in those])]


def seated(order: Sequence[Identity]) -> list[Identity]:
    """Each in turn books for the whole party while it fits."""
    left, seated = SEATS, []
    for one in order:
        if one.party <= left:
            left -= one.party
            seated.append(one)
    return seated


WAYS = {"first come, first served": first_come, "queue": queue, "draw": draw}
ONE: Party = lambda rng: 1  # noqa: E731
FAMILY: Party = lambda rng: rng.choice(FAMILIES)  # noqa: E731
LARGEST: Party = lambda rng: max(FAMILIES)  # noqa: E731
ASKING = {
    "everybody asks for one seat": (ONE, ONE),
    "families of one to four, brokers alike": (FAMILY, FAMILY),
    "families, and each broker identity asks for four": (FAMILY, LARGEST),
}


@dataclass
class Shares:
    """Of brokers, over all seeds: of the people named, of the seats and of the tickets that won. ``worst`` is the
    greatest share of seats in one seed.
    """

    people: float
    seats: float
    tickets: float
    worst: float


def shares(way: str, asking: str, seeds: Sequence[int]) -> Shares:
    owners = one_ticket_each(addresses())
    people, their_people, seats, of_brokers, won, won_by_brokers, worst = 0, 0, 0, 0, 0, 0, 0.0
    for seed in seeds:
        rng = random.Random(f"{seed} {way} {asking}")
        those = crowd(owners, rng, *ASKING[asking])
        people += sum(one.party for one in those)
        their_people += sum(one.party for one in those if one.broker is not None)
        winners = WAYS[way](those, rng)
        theirs = [one for one in winners if one.broker is not None]
        all_seats, their_seats = sum(one.party for one in winners), sum(one.party for one in theirs)
        seats, of_brokers = seats + all_seats, of_brokers + their_seats
        won, won_by_brokers = won + len(winners), won_by_brokers + len(theirs)
        worst = max(worst, their_seats / all_seats)
    return Shares(their_people / people, of_brokers / seats, won_by_brokers / won, worst)


def identity_share() -> float:
    owners = one_ticket_each(addresses())
    return sum(owner is not None for owner in owners) / len(owners)


# -- a freed seat ---------------------------------------------------------------------------------


def rest_minutes(rng: random.Random) -> float:
    return 15 + rng.random() * 225


def seen_at(freed: float, rng: random.Random) -> float:
    """rest_after_booking of appointments/sql/01_helpers.sql, for a seat more than a day ahead that was freed at minute
    ``freed`` of a day.
    """
    seen = freed + rest_minutes(rng)
    return MORNING + rest_minutes(rng) if EVENING <= seen < MORNING else seen


def on_the_list(freer: int | None, rng: random.Random, minutes: float) -> int | str | None:
    """Who takes the seat from the waiting list: a broker, "person", or None when it goes on to the public.

    The identity that freed it is refused; nobody knows that the others are the same broker's.
    """
    entries: list[int | None] = [None] * WAITING
    for broker in range(BROKERS):
        entries += [broker] * (IDENTITIES - (broker == freer))
    for asked in rng.sample(entries, min(OFFERS, int(minutes // OFFER_MINUTES))):
        if asked is not None:
            return asked
        if rng.random() < ACCEPTED:
            return "person"
    return None


def in_public(rng: random.Random, awake: float = 1.0) -> int | str:
    """Whoever looks first after the moment that nobody knew."""
    looks = [(rng.expovariate(awake / PERSON_LOOKS), "person")]
    looks += [(rng.expovariate(1 / BROKER_LOOKS), broker) for broker in range(BROKERS)]
    return min(looks, key=lambda look: look[0])[1]


def back_at_once(freer: int | None, rng: random.Random) -> int | str:
    """As portals do that give a cancelled seat back in the same moment: who frees it knows when to ask."""
    looks = [(rng.expovariate(1 / PERSON_LOOKS), "person")]
    looks += [(AT_ONCE if broker == freer else rng.expovariate(1 / BROKER_LOOKS), broker) for broker in range(BROKERS)]
    return min(looks, key=lambda look: look[0])[1]


def rested(freer: int | None, rng: random.Random) -> int | str:
    return in_public(rng)


def listed(freer: int | None, rng: random.Random) -> int | str:
    taken = on_the_list(freer, rng, rest_minutes(rng))
    return in_public(rng) if taken is None else taken


def seen_at_night(freer: int | None, rng: random.Random) -> int | str:
    """As before, when a seat that was freed at night came back at night: no offers, and hardly anybody looks."""
    return in_public(rng, awake=1 - ASLEEP)


def seen_in_the_morning(freer: int | None, rng: random.Random) -> int | str:
    """Offers from eight o'clock on, and the public after its rest."""
    seen = seen_at(rng.uniform(EVENING, MORNING - 240), rng)
    taken = on_the_list(freer, rng, seen - MORNING)
    return in_public(rng) if taken is None else taken


def next_draw(freer: int | None, rng: random.Random) -> int | str:
    """The office's other policy: the seat is drawn among all, but for whom its freer is."""
    entries: list[int | str] = ["person"] * PEOPLE
    for broker in range(BROKERS):
        entries += [broker] * (IDENTITIES - (broker == freer))
    return rng.choice(entries)


FREED_WAYS = {
    "back at once": back_at_once,
    "rests, no list": rested,
    "rests, the list first (by day)": listed,
    "freed at night, seen at night": seen_at_night,
    "freed at night, seen in the morning": seen_in_the_morning,
    "into the next draw": next_draw,
}


@dataclass
class Retaken:
    """Share of freed seats that broker 0 took: of those it freed, and of those that a stranger freed."""

    own: float
    strangers: float


def retaken(way: str, seeds: Sequence[int]) -> Retaken:
    counts: Counter[int | None] = Counter()
    for seed in seeds:
        rng = random.Random(f"{seed} {way}")
        for freer in (0, None):
            counts[freer] += sum(FREED_WAYS[way](freer, rng) == 0 for _ in range(FREED))
    return Retaken(counts[0] / (len(seeds) * FREED), counts[None] / (len(seeds) * FREED))


def seconds_to_rank(number: int = 200_000) -> tuple[float, float]:
    """Of the processor, and by the clock."""
    rng = random.Random(1)
    tickets = [Ticket("".join(rng.choices(string.ascii_uppercase, k=20))) for _ in range(number)]
    began = time.process_time(), time.perf_counter()
    rank(bytes(32), tickets)
    return time.process_time() - began[0], time.perf_counter() - began[1]


# -- the report -----------------------------------------------------------------------------------


def report(seeds: Sequence[int]) -> str:
    fair, own_share = identity_share(), IDENTITIES / (PEOPLE + BROKERS * IDENTITIES)
    lines = [
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}",
        f"{len(seeds)} seeds: {PEOPLE} people, {BROKERS} brokers with {IDENTITIES} identities each and {REQUESTS} times"
        f" the requests, {SEATS} seats",
        f"brokers are {fair:.1%} of verified identities; the bound for queue and draw is {fair + 0.02:.1%}",
    ]
    for asking in ASKING:
        lines.append(f"\n{asking:52}{'people':>8}{'seats':>8}{'tickets':>9}{'worst seed':>12}")
        for way in WAYS:
            got = shares(way, asking, seeds)
            lines.append(f"  {way:50}{got.people:>8.1%}{got.seats:>8.1%}{got.tickets:>9.1%}{got.worst:>12.1%}")
    lines += [
        f"\n{len(seeds) * FREED} freed seats; who freed them is {own_share:.1%} of verified identities",
        f"  {'taken by the broker':40}{'own':>8}{'stranger':>10}{'own by':>10}{'own by':>12}",
        f"  {'':40}{'':>8}{'freed it':>10}{'stranger':>10}{'identities':>12}",
    ]
    for way in FREED_WAYS:
        got = retaken(way, seeds)
        by_luck, by_share = got.own / got.strangers, got.own / own_share
        lines.append(f"  {way:40}{got.own:>8.1%}{got.strangers:>10.1%}{by_luck:>9.2f}x{by_share:>11.2f}x")
    worked, waited = seconds_to_rank()
    lines.append(f"\n200,000 tickets ranked in {worked:.2f} s of the processor, {waited:.2f} s by the clock")
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--seeds", type=int, default=1000, help="how many")
    options.add_argument("--results", type=Path, nargs="?", const=ROOT / "bench" / "results")
    chosen = options.parse_args(arguments)
    said = report(range(chosen.seeds))
    print(said)
    if chosen.results:
        chosen.results.mkdir(exist_ok=True)
        with (chosen.results / f"{datetime.now(UTC):%Y-%m-%d}-fair-release.txt").open("a", encoding="utf-8") as file:
            file.write(said + "\n")


if __name__ == "__main__":
    main()
