"""What guards, permits, blocks and traces add to a claim, as a share of the claim without them. One run:

    .venv/bin/python bench/permits.py [--seconds 1] [--rounds 15]

Both sides are the same booking (a hold and its confirmation) on one private PostgreSQL that is thrown away, in turn, by
one client that does not wait for the disk, which would hide most of it. ``bare`` is a schema before ``public`` on the
search path, in which what counts, locks scopes and marks, and notes a trace does nothing; all else is the claim as it
stands. The guards of BOOKING_GUARDS and what a request says of scopes are timed in Python. Loopback only.
"""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from bench.claim import BOOKING, SEEN, SLOTS, Turn, World, booked, make_world, servers, settings_of  # noqa: E402
from mexitel.embedded.postgres import APP, Postgres, binaries  # noqa: E402
from mexitel.embedded.roles import execute  # noqa: E402

# What is left of the claim when nobody counts: a scope that is nobody's stands for all, so that no array is empty.
BARE = [
    "CREATE SCHEMA bare",
    f"GRANT USAGE ON SCHEMA bare TO {APP}",
    """CREATE FUNCTION bare.lock_scopes(p_requests jsonb) RETURNS jsonb LANGUAGE sql STABLE AS $$
       SELECT jsonb_agg(r || '{"own": [0], "paid": [0]}' ORDER BY place)
       FROM jsonb_array_elements(p_requests) WITH ORDINALITY AS requests (r, place) $$""",
    "CREATE FUNCTION bare.lock_marks(p_requests jsonb) RETURNS void LANGUAGE plpgsql AS $$ BEGIN RETURN; END $$",
    """CREATE FUNCTION bare.marks_refused(p_marks jsonb, p_now timestamptz) RETURNS jsonb LANGUAGE plpgsql AS
       $$ BEGIN RETURN NULL; END $$""",
    """CREATE FUNCTION bare.permits_refused(
           p_scopes bigint[], p_n int, p_without uuid, p_now timestamptz, p_family boolean DEFAULT false)
       RETURNS jsonb LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$""",
    """CREATE FUNCTION bare.take_permits(
           p_scopes bigint[], p_holder uuid, p_n int, p_until timestamptz, p_now timestamptz,
           p_family boolean DEFAULT false)
       RETURNS void LANGUAGE plpgsql AS $$ BEGIN RETURN; END $$""",
    """CREATE FUNCTION bare.end_permits(p_scopes bigint[], p_holders uuid[], p_now timestamptz) RETURNS void
       LANGUAGE plpgsql AS $$ BEGIN RETURN; END $$""",
    """CREATE FUNCTION bare.hand_over_permits(
           p_scopes bigint[], p_holder uuid, p_successors uuid[], p_until timestamptz, p_now timestamptz) RETURNS int
       LANGUAGE plpgsql AS $$ BEGIN RETURN cardinality(p_successors) * cardinality(p_scopes); END $$""",
    """CREATE FUNCTION bare.log_trace(r jsonb, p_hold uuid, p_now timestamptz) RETURNS void
       LANGUAGE plpgsql AS $$ BEGIN RETURN; END $$""",
    """CREATE FUNCTION bare.hold_stands(h appointments_hold, p_now timestamptz) RETURNS boolean LANGUAGE plpgsql AS $$
       DECLARE own int;
       BEGIN
           IF h.closed_at IS NOT NULL OR h.expires_at <= p_now THEN RETURN false; END IF;
           PERFORM FROM consulates_seat WHERE id = ANY (h.seat_ids) AND holder = h.id ORDER BY id FOR UPDATE;
           GET DIAGNOSTICS own = ROW_COUNT;
           RETURN own = cardinality(h.seat_ids);
       END $$""",
    "GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA bare TO " + APP,
]


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--seconds", type=int, default=1, choices=range(1, 31))
    options.add_argument("--rounds", type=int, default=15, choices=range(1, 31))
    chosen = options.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="mexitel-bench-"))
    folder.chmod(0o711)
    try:
        with servers(folder) as database:
            world = make_world()
            execute(database, [*BARE, "VACUUM ANALYZE"], "mexitel")
            report = measure(database, world, folder, chosen)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(report)
    with (ROOT / "bench" / "results" / f"{datetime.now(UTC):%Y-%m-%d}-permits.txt").open("a") as file:
        file.write(report + "\n")


def measure(database: Postgres, world: World, folder: Path, chosen: argparse.Namespace) -> str:
    turn, bare, whole = Turn(), [], []
    for number in range(chosen.rounds + 1):
        each = [run(database, world, folder, turn, chosen.seconds, path) for path in ("bare,public", "public")]
        if number:  # the first round warms up
            bare.append(each[0])
            whole.append(each[1])
    guards = guard_milliseconds(world)
    ratios = [(there + guards) / here - 1 for here, there in zip(bare, whole, strict=True)]
    quartiles = statistics.quantiles(ratios, n=4)
    lines = [
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}, "
        f"{settings_of(database)}",
        f"ms for a booking (hold + confirm), one client, {chosen.rounds} rounds of {chosen.seconds} s a side in turn",
        f"  without permits, blocks and trace   median {statistics.median(bare):6.2f}",
        f"  the claim as it stands              median {statistics.median(whole):6.2f}",
        f"  guards and scopes in Python         median {guards:6.2f}",
        f"  added, as a share of the claim      median {statistics.median(ratios):6.0%}"
        f"   (quartiles {quartiles[0]:.0%} and {quartiles[2]:.0%})",
    ]
    return "\n".join(lines)


def seen(fill: str) -> str:
    """Of one browser for each booker."""
    return (
        "'seen', jsonb_build_object('device', md5((:account)::text), 'prefix', '203.0.113.0/24',"
        f" 'asn_kind', 'unknown', 'fill', '{fill}'::jsonb)"
    )


def run(database: Postgres, world: World, folder: Path, turn: Turn, seconds: int, search_path: str) -> float:
    """Milliseconds for one booking."""
    each = 900 * seconds
    script = folder / "booking.sql"
    script.write_text(BOOKING.replace(SEEN, seen("[]"), 1).replace(SEEN, seen("[12.5]"), 1))
    start = turn.take(each)
    values = {
        "n": -1, "first": world.first + start, "clients": 1, "first_slot": world.slot, "slots": SLOTS,
        "procedure": world.procedure,
    }  # fmt: skip
    argv = [binaries() / "pgbench", "-n", "-M", "prepared", "-c", 1, "-j", 1, "-T", seconds, "-f", script]
    argv += [word for name, value in values.items() for word in ("-D", f"{name}={value}")]
    argv += ["-h", "127.0.0.1", "-p", database.port, "-U", APP, "mexitel"]
    before, began = booked(), time.monotonic()
    env = {**os.environ, "PGOPTIONS": f"-c search_path={search_path} -c synchronous_commit=off"}
    ran = subprocess.run([str(word) for word in argv], capture_output=True, text=True, check=False, env=env)
    spent = time.monotonic() - began
    if "ERROR" in ran.stderr:
        raise SystemExit(ran.stderr)
    return spent * 1000 / (booked() - before)


def guard_milliseconds(world: World) -> float:
    """Both requests' guards, and the scopes and marks of their booker: the median of five hundred."""
    from appointments.enums import Channel
    from appointments.guards import BookingAttempt, run_guards
    from appointments.scopes import booker_marks, booker_scopes
    from mexitel.accounts.models import User
    from mexitel.utils.browsers import Seen

    account, times = User.objects.get(pk=world.first), []
    seen = Seen("203.0.113.0/24", "ab" * 16)
    for _ in range(500):
        began = time.perf_counter()
        for verb in ("hold", "confirm"):
            run_guards(BookingAttempt(verb=verb, account=account, channel=Channel.WEB, client=seen))
            booker_scopes(account)
            booker_marks(account)
        times.append((time.perf_counter() - began) * 1000)
    return statistics.median(times)


if __name__ == "__main__":
    main()
