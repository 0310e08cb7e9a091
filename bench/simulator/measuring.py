"""A detector's flags against the truth: each measure is a count of a count, so that worlds can be added up.

*Found* is an appointment that a broker held and that stood in a case before the earlier of 48 hours ahead of its start
and the first transfer of its seat, which is the moment at which its broker held the seat again for a buyer.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import NamedTuple

AHEAD, SOON = timedelta(hours=48), timedelta(minutes=60)
HELPERS = frozenset({"helper", "registered helper", "drive", "B8"})
SUBGROUPS = {"cgnat": "carrier network", "curp": "CURP given", "phone": "by telephone", "common": "common surname"}
# Fewer false flags than this say nothing about who gets them.
FEW = 20


class BadFlags(Exception):
    """The flags are not one line for each appointment in the form of antifraud/EVENTS.md."""


@dataclass(frozen=True, slots=True)
class Flag:
    at: datetime | None
    case: str | None
    score: float | None
    points: tuple[float, ...]
    codes: tuple[str, ...]


class Count(NamedTuple):
    part: int
    whole: int

    @property
    def share(self) -> float | None:
        return self.part / self.whole if self.whole else None


Flags = dict[str, Flag]
Entries = list[dict]


def read_flags(path: Path, appointments: Iterable[str]) -> Flags:
    """Appointment -> flag. Raises BadFlags unless each of ``appointments`` has exactly one line, and nothing else."""
    found: Flags = {}
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        try:
            told = json.loads(line)
            if told["appointment"] in found:
                raise BadFlags(f"line {number}: {told['appointment']} a second time")
            found[told["appointment"]] = flag(told)
        except (KeyError, TypeError, ValueError) as error:
            raise BadFlags(f"line {number}: {error!r}") from error
    wanted = set(appointments)
    if found.keys() != wanted:
        raise BadFlags(f"{len(wanted - found.keys())} appointments missing, {len(found.keys() - wanted)} unknown")
    return found


def flag(told: dict) -> Flag:
    reasons = told.get("reasons") or []
    return Flag(
        moment(told["flagged_at"]),
        told.get("case"),
        told.get("score"),
        tuple(reason["points"] for reason in reasons),
        tuple(reason["code"] for reason in reasons),
    )


def moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def in_time(entry: dict, one: Flag, *, freed: bool = False) -> bool:
    """Found; with ``freed`` already the cancellation that begins a transfer ends the time."""
    if one.at is None:
        return False
    ends = datetime.fromisoformat(entry["starts_at"]) - AHEAD
    passed = entry["transferred_at"]
    if passed:
        ends = min(ends, datetime.fromisoformat(entry["freed_at"] if freed else passed))
    return one.at < ends


def flagged(entries: Iterable[dict], flags: Flags) -> Count:
    told = [flags[entry["appointment"]].at is not None for entry in entries]
    return Count(sum(told), len(told))


def recall(entries: Entries, flags: Flags, kind: str = "", *, freed: bool = False) -> Count:
    held = [entry for entry in entries if entry["broker"] and kind in ("", entry["kind"])]
    return Count(sum(in_time(entry, flags[entry["appointment"]], freed=freed) for entry in held), len(held))


def precision(entries: Entries, flags: Flags) -> Count:
    told = [entry["broker"] for entry in entries if flags[entry["appointment"]].at]
    return Count(sum(told), len(told))


def actors(entries: Entries, flags: Flags) -> Count:
    """Brokers of whose appointments at least one was ever in a case."""
    return any_flagged((entry for entry in entries if entry["broker"]), flags, "actor")


def families(entries: Entries, flags: Flags, at_least: int = 0) -> Count:
    people = defaultdict(set)
    for entry in entries:
        people[entry["family"]].add(entry["person"])
    large = [one for one in entries if one["family"] and len(people[one["family"]]) >= at_least]
    return any_flagged(large, flags, "family")


def any_flagged(entries: Iterable[dict], flags: Flags, key: str) -> Count:
    hit: dict[str, bool] = defaultdict(bool)
    for entry in entries:
        hit[entry[key]] |= flags[entry["appointment"]].at is not None
    return Count(sum(hit.values()), len(hit))


def of_kinds(*kinds: str) -> Callable[[Entries, Flags], Count]:
    return lambda entries, flags: flagged((entry for entry in entries if entry["kind"] in kinds), flags)


def soon(entries: Entries, flags: Flags) -> Count:
    """Broker-held appointments flagged within an hour of their booking, of all of them, found or not."""
    held = [entry for entry in entries if entry["broker"]]
    early = 0
    for entry in held:
        at = flags[entry["appointment"]].at
        early += at is not None and at - datetime.fromisoformat(entry["booked_at"]) <= SOON
    return Count(early, len(held))


def cases(entries: Entries, flags: Flags) -> Count:
    """Cases, of bookings."""
    return Count(len({one.case for one in flags.values() if one.at}), len(entries))


def cases_per_actor(entries: Entries, flags: Flags) -> Count:
    """Cases that hold appointments of brokers, of brokers with a case."""
    told = ((entry, flags[entry["appointment"]]) for entry in entries if entry["broker"])
    pairs = {(one.case, entry["actor"]) for entry, one in told if one.at}
    return Count(len(pairs), len({actor for _, actor in pairs}))


def explained(entries: Entries, flags: Flags) -> Count:
    """Flagged appointments whose shown points sum to the score, to the last shown digit."""
    told = [one for one in flags.values() if one.at]
    return Count(sum(one.score is not None and abs(sum(one.points) - one.score) < 1e-6 for one in told), len(told))


def subgroup(mark: str) -> Callable[[Entries, Flags], tuple[Count, Count]]:
    """False flags among the honest with and without the mark."""

    def count(entries: Entries, flags: Flags) -> tuple[Count, Count]:
        honest = [entry for entry in entries if not entry["broker"]]
        return flagged((e for e in honest if e[mark]), flags), flagged((e for e in honest if not e[mark]), flags)

    return count


def added(counts: Iterable[Count]) -> Count:
    counts = list(counts)
    return Count(sum(count.part for count in counts), sum(count.whole for count in counts))


def ratio(one: Count, other: Count) -> float | None:
    """The larger error rate over the smaller; None when there are too few false flags to tell."""
    if one.part + other.part < FEW or not one.whole or not other.whole:
        return None
    rates = sorted((one.part / one.whole, other.part / other.whole))
    return rates[1] / rates[0] if rates[0] else float("inf")


def interval(counts: list[Count], rounds: int = 2000) -> tuple[float, float] | None:
    """95 % bootstrap interval of the pooled share, worlds drawn with replacement; None with fewer than three worlds.

    Worlds, and not appointments, since what one broker holds stands or falls together.
    """
    if len(counts) < 3:
        return None
    rng = Random(0)
    drawn = (added(rng.choices(counts, k=len(counts))).share for _ in range(rounds))
    shares = sorted(share for share in drawn if share is not None)
    return (shares[int(0.025 * len(shares))], shares[int(0.975 * len(shares)) - 1]) if shares else None


def missed(entries: Entries, flags: Flags) -> Counter:
    """Kind of broker and whether it was flagged too late or never -> how many appointments."""
    held = ((entry, flags[entry["appointment"]]) for entry in entries if entry["broker"])
    return Counter((entry["kind"], "too late" if one.at else "never") for entry, one in held if not in_time(entry, one))


def false_alarms(entries: Entries, flags: Flags) -> Counter:
    """Honest kind and the codes shown with points for it -> how many appointments."""
    hit = (entry for entry in entries if not entry["broker"] and flags[entry["appointment"]].at)
    return Counter((entry["kind"], *positive(flags[entry["appointment"]])) for entry in hit)


def positive(one: Flag) -> list[str]:
    return sorted(code for code, points in zip(one.codes, one.points, strict=True) if points > 0)
