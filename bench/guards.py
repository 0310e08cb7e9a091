"""What the guards add to a booking: the claim of a hold and a confirmation with and without them, interleaved.

    python bench/guards.py [rounds]

Needs the environment of a run (``.run/env``); books in a transaction that is rolled back. Prints medians in ms.
"""

import os
import statistics
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mexitel.settings.dev")

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.db import transaction  # noqa: E402

from appointments.claim import claim_one  # noqa: E402
from appointments.guards import BookingAttempt, run_guards  # noqa: E402
from tests.factories import appointments as make  # noqa: E402

NOW = make.NOW


def timed(act) -> tuple[float, object]:
    began = time.perf_counter()
    result = act()
    return (time.perf_counter() - began) * 1000, result


def one_round(at, times: dict[str, list[float]]) -> None:
    """One person books: guards and claim of each verb by the clock; what is prepared for them is not."""
    booker, person = make.account(), [[make.entry()]]
    hold = make.hold_request(booker, at)
    attempt = BookingAttempt("hold", booker, "web", client=("10.0.0.0/24", "device"), now=NOW, slots=(at.pk,))
    guard, _ = timed(lambda: run_guards(attempt))
    claim, held = timed(lambda: claim_one(hold, now=NOW))
    confirm = make.confirm_request(booker, held.facts["hold"], make.people(booker, 1))
    attempt = BookingAttempt("confirm", booker, "web", client=("10.0.0.0/24", "device"), now=NOW, people=person)
    guard_2, _ = timed(lambda: run_guards(attempt))
    claim_2, booked = timed(lambda: claim_one(confirm, now=NOW))
    assert booked.ok, booked
    for name, value in zip(times, (guard, claim, guard_2, claim_2), strict=True):
        times[name].append(value)


def main(rounds: int) -> None:
    settings.HOLD_HEAT = [10**9, 10**9]  # counted, and never hot
    times: dict[str, list[float]] = {"hold: guard": [], "hold: claim": [], "confirm: guard": [], "confirm: claim": []}
    with transaction.atomic():
        at = make.slot(seats=min(rounds, 32_000))
        for _ in range(rounds):
            one_round(at, times)
        transaction.set_rollback(True)
    for name, values in times.items():
        p95 = sorted(values)[int(len(values) * 0.95)]
        print(f"{name:16} p50 {statistics.median(values):6.2f} ms   p95 {p95:6.2f} ms")
    guards = statistics.median(times["hold: guard"]) + statistics.median(times["confirm: guard"])
    claims = statistics.median(times["hold: claim"]) + statistics.median(times["confirm: claim"])
    print(f"guards to claims {guards / claims:.2f}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 300)
