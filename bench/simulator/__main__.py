"""Write worlds: python -m bench.simulator --seeds 1-3 --output FOLDER [--hard] [--no-brokers] [--dialect A,B]

Each seed gets a folder of its own with events.jsonl (the format of antifraud/EVENTS.md) and truth.json.
"""

import argparse
from pathlib import Path

from . import BROKERS, SIZE, simulate
from .dialects import DIALECTS
from .files import usual_dialect, write


def seeds(text: str) -> list[int]:
    first, _, last = text.partition("-")
    return list(range(int(first), int(last or first) + 1))


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--seeds", type=seeds, default=[1], help="one number, or FIRST-LAST")
    options.add_argument("--output", type=Path, required=True)
    options.add_argument("--size", type=int, default=SIZE, help="appointments, about")
    options.add_argument("--brokers", type=float, default=BROKERS, help="their share of the appointments, 0 to 1")
    options.add_argument("--no-brokers", action="store_const", const=0.0, dest="brokers")
    options.add_argument("--hard", action="store_true", help="other ranges than the guide's")
    options.add_argument("--dialect", default="", help="of " + ", ".join(DIALECTS))
    chosen = options.parse_args()
    for seed in chosen.seeds:
        world = simulate(seed, hard=chosen.hard, brokers=chosen.brokers, size=chosen.size)
        names = [*usual_dialect(seed), *filter(None, chosen.dialect.split(","))]
        events, truth = write(world, chosen.output / f"seed-{seed}", names)
        print(events, truth)


if __name__ == "__main__":
    main()
