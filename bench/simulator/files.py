"""A world as two files: what a detector may read, and the truth that it may not."""

import json
from collections.abc import Iterable
from pathlib import Path

from .dialects import told
from .world import World


def usual_dialect(seed: int) -> list[str]:
    """Both places where the format lets a name stand are met: odd seeds name people in holds, even ones in bookings."""
    return ["names-in-hold" if seed % 2 else "names-in-book"]


def truth_of(world: World) -> dict:
    """``actors``: id -> kind and broker or not; ``appointments``: one entry each, in the order of booking.

    An entry has ``kind``, ``broker``, ``actor``, ``family`` (or null), ``person``, ``account``, ``booked_at``,
    ``starts_at`` (the last, after moves), ``freed_at`` (its booker cancelled), ``transferred_at`` (its broker held the
    same seat again for a buyer) and the subgroups ``cgnat``, ``curp``, ``phone``, ``common``.
    """
    return {
        "shares": {name: round(value, 6) for name, value in sorted(world.drawn.shares.items())},
        "actors": world.truth.actors,
        "appointments": world.truth.appointments,
    }


def write_events(events: Iterable[dict], path: Path) -> None:
    path.write_text("".join(json.dumps(event, ensure_ascii=False) + "\n" for event in events), encoding="utf-8")


def write_truth(truth: dict, path: Path) -> None:
    path.write_text(json.dumps(truth, ensure_ascii=False, indent=0) + "\n", encoding="utf-8")


def write(world: World, folder: Path, dialects: Iterable[str]) -> tuple[Path, Path]:
    """``events.jsonl`` and ``truth.json`` in ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    events, truth = folder / "events.jsonl", folder / "truth.json"
    write_events(told(world.events, dialects), events)
    write_truth(truth_of(world), truth)
    return events, truth
