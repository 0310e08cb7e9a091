"""``static/verify_draw.py`` judges folders that the product's own code made, whole and tampered with."""

import io
import subprocess
import sys
import zipfile
from datetime import UTC, date, datetime
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from appointments.allocation import canonical
from appointments.allocation.commitment import commitment_of, seed_from
from appointments.allocation.dictatorship import Application, Award, Choice, Lot, allot
from appointments.allocation.order import Ticket, rank

SCRIPT = Path(__file__).parents[3] / "static" / "verify_draw.py"
SEALED_AT = datetime(2027, 1, 5, 18, tzinfo=UTC)
GENESIS = 1692803367
ROUND = (int(SEALED_AT.timestamp()) - GENESIS) // 3 + 20
DAYS = [date(2027, 1, 9), date(2027, 1, 10)]
CHOICES = [Choice(office, day, half) for office in ("boise", "los-angeles") for day in DAYS for half in ("am", "pm")]


def folder_of(applications, lots, refused=(), *, secret=b"\1" * 32, signature=b"\2" * 48, second=()):
    """The files of a whole draw, and of a second allotment of ``second`` lots."""
    files = {"tickets.csv": canonical.tickets_csv(applications), "seats.csv": canonical.seats_csv(lots)}
    seal = canonical.Seal(
        release=42,
        mode="draw",
        commitment=commitment_of(secret),
        sealed_at=SEALED_AT,
        beacon=f"drand-quicknet abc {GENESIS} 3",
        round=ROUND,
        tickets=files["tickets.csv"],
        seats=files["seats.csv"],
        channels={"web": len(applications)},
    )
    files["sealed.txt"] = seal.text()
    randomness = sha256(signature).digest()
    seed = seed_from(secret, sha256(files["sealed.txt"]).digest(), randomness)
    known = {entry.code: entry for entry in canonical.applications_of(files["tickets.csv"])}
    order = [known[ticket.code] for ticket in rank(seed, [Ticket(e.code, e.weight) for e in known.values()])]
    offered = canonical.lots_of(files["seats.csv"])
    first = allot(order, offered, dict.fromkeys(refused, "full_permits"))
    winners = {line.code for line in first if isinstance(line, Award)}
    rounds = [canonical.Round(offered, first)]
    if second:
        rounds.append(canonical.Round(second, allot(order, second, had_turn=winners)))
    return files | {
        "commitment.json": canonical.document({"commitment": commitment_of(secret).hex()}),
        "seed.json": canonical.document(
            {
                "secret": secret.hex(),
                "round": ROUND,
                "signature": signature.hex(),
                "randomness": randomness.hex(),
                "seed": seed.hex(),
            }
        ),
        "order.csv": canonical.order_csv(entry.code for entry in order),
        "rounds.csv": canonical.rounds_csv(rounds),
        "awards.csv": canonical.awards_csv(rounds),
        "skips.csv": canonical.skips_csv(rounds),
    }


def verdict(files, capsys, monkeypatch, *tickets):
    """The script's exit code and what it printed. Run in this process: the same text, without a start each time."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    monkeypatch.setattr(sys, "argv", ["verify_draw.py", packed, *tickets])
    with pytest.raises(SystemExit) as ended:
        exec(compile(SCRIPT.read_text(), "verify_draw.py", "exec"), {"__name__": "__main__"})
    return ended.value.code, capsys.readouterr().out


APPLICATIONS = [
    Application(f"TICKET{'ABCDEFGHIJKL'[n]}", 1 + n % 3, 1 + n % 2, tuple(CHOICES[n % 4 :]), "passport")
    for n in range(12)
]
LOTS = [Lot(*choice, session, 2, ("passport",)) for session, choice in enumerate(CHOICES)]


@pytest.fixture
def judge(capsys, monkeypatch):
    return lambda files, *tickets: verdict(files, capsys, monkeypatch, *tickets)


def test_honest_draw_is_confirmed_and_a_ticket_is_found(judge):
    files = folder_of(APPLICATIONS, LOTS, refused=["TICKETC"], second=[LOTS[3]._replace(seats=1)])
    code, said = judge(files, "TICKETC", "TICKETX")
    assert code == 0, said
    assert "VERDICT: the draw is exactly what its seed gives." in said
    assert "full_permits" in said.splitlines()[-4]
    assert "TICKETX NOT in the list" in said


def test_script_runs_by_itself_on_a_file(tmp_path):
    path = tmp_path / "draw.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in folder_of(APPLICATIONS, LOTS).items():
            archive.writestr(name, content)
    done = subprocess.run([sys.executable, "-I", SCRIPT, path], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_script_is_short_enough_to_be_read():
    assert len(SCRIPT.read_text().splitlines()) <= 100


def changed_line(content, number, change):
    lines = content.splitlines(keepends=True)
    return b"".join([*lines[:number], change(lines[number]), *lines[number + 1 :]])


TAMPERED = {
    "a ticket more": lambda files: files | {"tickets.csv": files["tickets.csv"] + b"TICKETZ,1,1,passport,\n"},
    "a heavier ticket": lambda files: files | {"tickets.csv": files["tickets.csv"].replace(b"A,1,1,", b"A,1,3,")},
    "seats kept back": lambda files: files | {"seats.csv": files["seats.csv"].replace(b",2,p", b",1,p", 1)},
    "another secret": lambda files: files | {"seed.json": files["seed.json"].replace(b"01" * 32, b"03" * 32)},
    "another random number": lambda files: (
        files | {"seed.json": files["seed.json"].replace(sha256(b"\2" * 48).hexdigest().encode(), b"0" * 64)}
    ),
    "another round": lambda files: (
        files | {"seed.json": files["seed.json"].replace(str(ROUND).encode(), str(ROUND + 1).encode())}
    ),
    "another seal": lambda files: files | {"sealed.txt": files["sealed.txt"].replace(b"18:00:00", b"18:00:01")},
    "two places exchanged": lambda files: (
        files | {"order.csv": b"".join(files["order.csv"].splitlines(True)[n] for n in (0, 2, 1, *range(3, 13)))}
    ),
    "a seat moved to a friend": lambda files: (
        files | {"awards.csv": changed_line(files["awards.csv"], 1, lambda line: line.replace(b"TICKET", b"FRIEND"))}
    ),
    "a winner left out": lambda files: files | {"awards.csv": changed_line(files["awards.csv"], 1, lambda line: b"")},
    "seats from nowhere": lambda files: files | {"rounds.csv": files["rounds.csv"].replace(b",2,p", b",9,p", 1)},
}


@pytest.mark.parametrize("tampering", TAMPERED)
def test_one_change_is_found(tampering, judge):
    honest = folder_of(APPLICATIONS, LOTS)
    tampered = TAMPERED[tampering](honest)
    assert tampered != honest
    code, said = judge(tampered)
    assert code == 1, said
    assert "NOT an honest draw" in said


def test_list_sealed_after_the_random_number_is_found(judge, monkeypatch):
    monkeypatch.setattr(f"{__name__}.ROUND", ROUND - 25)
    code, said = judge(folder_of(APPLICATIONS, LOTS))
    assert code == 1
    assert "younger" in said.splitlines()[-1]


worlds = st.fixed_dictionaries(
    {
        "people": st.lists(
            st.tuples(
                st.integers(1, 4),
                st.integers(1, 3),
                st.sampled_from(["passport", "visa", ""]),
                st.lists(st.sampled_from(CHOICES), max_size=5, unique=True),
            ),
            max_size=14,
        ),
        "supply": st.lists(
            st.tuples(
                st.sampled_from(CHOICES),
                st.integers(1, 2),
                st.integers(0, 5),
                st.sampled_from([(), ("passport",), ("passport", "visa")]),
            ),
            max_size=6,
            unique_by=lambda row: row[:2],
        ),
        "refused": st.sets(st.integers(0, 13), max_size=3),
        "secret": st.binary(min_size=32, max_size=32),
    }
)


@given(world=worlds)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
def test_script_recomputes_what_the_product_drew(world, judge):
    applications = [
        Application(f"T{n}", party, weight, tuple(suits), procedure)
        for n, (party, weight, procedure, suits) in enumerate(world["people"])
    ]
    lots = [Lot(*choice, session, seats, serves) for choice, session, seats, serves in world["supply"]]
    refused = [f"T{n}" for n in world["refused"]]
    code, said = judge(folder_of(applications, lots, refused, secret=world["secret"], second=lots))
    assert code == 0, said
