import io
import subprocess
import sys
import zipfile
from datetime import timedelta
from hashlib import sha256

import pytest
from django.db import IntegrityError, transaction

from appointments.allocation import drawing, folder
from appointments.allocation.beacon import QUICKNET, Pulse
from appointments.allocation.commitment import commitment_of
from appointments.allocation.dictatorship import Application, Award, Skip
from appointments.allocation.errors import BeaconAway, NotDrawn, NotSealed, Tampered, WrongRound
from appointments.allocation.supply import lots_of
from appointments.models import Drawing, DrawingFile
from consulates.models import Gate, Seat, Slot
from tests.factories import appointments as make
from tests.factories import releases
from tests.factories.appointments import NOW

BEFORE = NOW - timedelta(days=1)
SECOND = timedelta(seconds=1)

pytestmark = pytest.mark.django_db


@pytest.fixture
def drawn():
    """A draw of three applications for the four places of two sessions, sealed and not drawn yet."""
    made = releases.release(make.session(seats=1, slots=2), make.session(seats=1, slots=2), mode=Gate.DRAW)
    drawing.commit(made, BEFORE)
    choices = tuple(dict.fromkeys(lot.choice for lot in lots_of(made, now=NOW)))
    people = [("AAAA", 2, 1), ("BBBB", 1, 3), ("CCCC", 1, 1), ("DDDD", 3, 2)]
    entries = [
        drawing.Entry(Application(code, party, weight, choices), "phone" if code == "CCCC" else "web")
        for code, party, weight in people
    ]
    drawing.seal(made, entries, NOW)
    return made


def files(made):
    return {file.name: file.content for file in DrawingFile.objects.filter(drawing__release=made)}


def judged(made, tmp_path, *tickets):
    """What the downloadable script says of the downloadable file."""
    path = tmp_path / "draw.zip"
    path.write_bytes(files(made)[folder.zip_name(made)])
    with zipfile.ZipFile(path) as archive:
        (tmp_path / "verify_draw.py").write_bytes(archive.read("verify_draw.py"))
    command = [sys.executable, "-I", tmp_path / "verify_draw.py", path, *tickets]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.stderr == ""
    return done


def test_promise_is_made_once_and_keeps_its_secret():
    made = releases.release()
    first = drawing.commit(made, BEFORE)
    again = drawing.commit(made, NOW)
    assert (bytes(again.commitment), again.committed_at) == (bytes(first.commitment), BEFORE)
    assert bytes(first.commitment) == commitment_of(bytes.fromhex(first.secret))
    public = files(made)
    assert list(public) == ["commitment.json"]
    assert bytes(first.commitment).hex().encode() in public["commitment.json"]
    assert first.secret.encode() not in public["commitment.json"]


def test_nothing_is_drawn_in_an_open_release():
    with pytest.raises(ValueError, match="open"):
        drawing.commit(releases.release(mode=Gate.OPEN), BEFORE)


def test_seal_publishes_lists_and_names_a_round_to_come(drawn):
    row = drawn.drawing
    public = files(drawn)
    assert sha256(public["sealed.txt"]).digest() == bytes(row.sealed_hash)
    assert b"channel phone 1\nchannel web 3\n" in public["sealed.txt"]
    assert row.beacon.startswith("local ")
    assert sorted(public) == ["commitment.json", "sealed.txt", "seats.csv", "tickets.csv"]
    assert row.secret.encode() not in b"".join(public.values())


def test_list_is_sealed_once(drawn):
    before = files(drawn)
    drawing.seal(drawn, [], NOW + SECOND)
    assert files(drawn) == before


def test_no_round_no_draw(drawn):
    assert drawing.seed_of(drawn) is None
    with pytest.raises(BeaconAway):
        drawing.take_round(drawn, NOW)
    with pytest.raises(NotDrawn):
        drawing.order_of(drawn)
    with pytest.raises(NotDrawn):
        drawing.open_round(drawn, 1, NOW)
    with pytest.raises(NotSealed):
        drawing.take_round(releases.release(), NOW)


@pytest.mark.parametrize("change", ["another round", "another signature"])
def test_round_that_was_not_promised_is_refused(drawn, change):
    promised = drawn.drawing.round
    pulse = Pulse(promised + 1, b"\0" * 64) if change == "another round" else Pulse(promised, b"\0" * 64)
    with pytest.raises(WrongRound):
        drawing.take_round(drawn, NOW + 3 * SECOND, pulse)
    assert drawing.seed_of(drawn) is None


def test_round_that_has_not_begun_is_no_round(drawn):
    """Whoever could sign early (the demonstration's own key) still has to wait."""
    chain = drawing.chain_named("local")
    pulse = drawing.fetch(chain, drawn.drawing.round, now=NOW + 3 * SECOND)
    with pytest.raises(WrongRound):
        drawing.take_round(drawn, NOW, pulse)


def test_real_round_decides_where_the_beacon_is_drand(settings):
    settings.DRAW_BEACON = QUICKNET.name
    begins = QUICKNET.begins(1000)
    sealed_at = begins - 31 * SECOND
    made = releases.release(opens_at=sealed_at)
    drawing.seal(made, [drawing.queue_entry("AAAA", "web")], sealed_at)
    assert made.drawing.round == 1000
    signature = bytes.fromhex(
        "b44679b9a59af2ec876b1a6b1ad52ea9b1615fc3982b19576350f93447cb1125e342b73a8dd2bacbe47e4b6b63ed5e39"
    )
    drawing.take_round(made, begins, Pulse(1000, signature))
    assert bytes(Drawing.objects.get(release=made).randomness).hex().startswith("fe290beca10872ef2fb164d2aa4442de")


def test_draw_taken_twice_is_one_draw(drawn):
    first = drawing.take_round(drawn, NOW + 3 * SECOND)
    before = files(drawn)
    again = drawing.take_round(drawn, NOW + 9 * SECOND)
    assert (bytes(again.seed), again.drawn_at) == (bytes(first.seed), first.drawn_at)
    assert files(drawn) == before


def test_queue_is_drawn_and_the_script_confirms_it(tmp_path):
    made = releases.release()
    codes = [f"Q{number:03}" for number in range(50)]
    drawing.seal(made, [drawing.queue_entry(code, "web") for code in codes], NOW)
    drawing.take_round(made, NOW + 3 * SECOND)
    order = [entry.code for entry in drawing.order_of(made)]
    assert sorted(order) == codes
    done = judged(made, tmp_path, order[16])
    assert done.returncode == 0, done.stdout
    assert f"{order[16]} place 17" in done.stdout


def test_draw_is_allotted_with_refusals_and_second_round_and_the_script_confirms_it(drawn, tmp_path):
    drawing.take_round(drawn, NOW + 3 * SECOND)
    later = NOW + 4 * SECOND
    first = drawing.open_round(drawn, 1, later)
    winner = next(line for line in drawing.lines_of(first) if isinstance(line, Award))
    first = drawing.refuse(first, {winner.code: "full_permits"})
    lines = drawing.lines_of(first)
    assert Skip(winner.place, winner.code, "full_permits") in lines
    drawing.close_round(first, later)
    free = next(line for line in lines if isinstance(line, Award)).lot._replace(seats=1)
    second = drawing.open_round(drawn, 2, later, lots=[free])
    assert not {line.code for line in drawing.lines_of(second)} & {
        line.code for line in lines if isinstance(line, Award)
    }
    drawing.close_round(second, later)
    done = judged(drawn, tmp_path, winner.code)
    assert done.returncode == 0, done.stdout
    assert "full_permits" in done.stdout


def test_allotments_follow_each_other_and_stay_closed(drawn):
    drawing.take_round(drawn, NOW + 3 * SECOND)
    with pytest.raises(ValueError, match="not closed"):
        drawing.open_round(drawn, 2, NOW)
    first = drawing.open_round(drawn, 1, NOW)
    assert drawing.open_round(drawn, 1, NOW, lots=[]).lots == first.lots
    drawing.close_round(first, NOW)
    with pytest.raises(ValueError, match="closed"):
        drawing.refuse(first, {"AAAA": "refused"})


def test_folder_is_made_again_byte_for_byte(drawn):
    drawing.take_round(drawn, NOW + 3 * SECOND)
    drawing.close_round(drawing.open_round(drawn, 1, NOW), NOW)
    before = files(drawn)
    DrawingFile.objects.exclude(name__in=["tickets.csv", "seats.csv", "sealed.txt"]).delete()
    folder.publish(drawn, NOW + timedelta(days=9))
    assert files(drawn) == before
    assert sorted(zipfile.ZipFile(io.BytesIO(before[folder.zip_name(drawn)])).namelist()) == sorted(
        {*before, "LEEME.txt", "verify_draw.py"} - {folder.zip_name(drawn)}
    )


def test_list_that_was_changed_after_the_seal_is_not_drawn_from(drawn):
    changed = files(drawn)["tickets.csv"].replace(b"AAAA,2,1", b"AAAA,2,3")
    folder.keep(drawn.drawing, {"tickets.csv": changed}, now=NOW)
    with pytest.raises(Tampered), transaction.atomic():
        drawing.take_round(drawn, NOW + 3 * SECOND)
    assert drawing.seed_of(drawn) is None


@pytest.mark.parametrize(
    "change",
    [
        {"commitment": b"\0" * 32},
        {"sealed_hash": b"\0" * 32},
        {"round": 7},
        {"seed": b"\0" * 32},
        {"signature": None, "randomness": None, "seed": None, "drawn_at": None},
    ],
)
def test_what_was_published_cannot_be_changed(drawn, change):
    drawing.take_round(drawn, NOW + 3 * SECOND)
    with pytest.raises(IntegrityError, match="as it was published"), transaction.atomic():
        Drawing.objects.filter(release=drawn).update(**change)


def test_drawing_is_never_deleted(drawn):
    with pytest.raises(IntegrityError, match="never deleted"), transaction.atomic():
        Drawing.objects.filter(release=drawn)._raw_delete(using="default")


def test_lots_are_the_free_public_seats_by_half_day_of_the_place():
    session = make.session(seats=2, slots=2)
    made = releases.release(session, mode=Gate.DRAW)
    assert [lot.seats for lot in lots_of(made, now=NOW)] == [4]
    [lot] = lots_of(made, now=NOW)
    assert (lot.office, lot.day, lot.session) == (session.consulate.code, session.date, session.pk)
    first, second = Slot.objects.filter(session=session).order_by("starts_at")
    Seat.objects.filter(slot=first, unit=1).update(pool="phone")
    Seat.objects.filter(slot=first, unit=2).update(withdrawn_at=NOW)
    Seat.objects.filter(slot=second, unit=1).update(until=NOW + SECOND)
    assert [lot.seats for lot in lots_of(made, now=NOW)] == [1]
    made.procedures.clear()
    assert lots_of(made, now=NOW) == []
