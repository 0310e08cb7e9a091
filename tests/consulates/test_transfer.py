"""Import and export: what the examples make, and a sentence for everything that is wrong."""

import csv
import io
import tracemalloc
import zipfile
from datetime import date
from decimal import Decimal
from time import perf_counter

import pytest
from django.utils import translation
from openpyxl import Workbook

from consulates.access import access_of
from consulates.models import Consulate, PlaceKind, Procedure, Role, Session, Upload
from consulates.places import fold
from consulates.reference import DATA, load_offices, load_procedures, rows_of
from consulates.services import plan_session
from consulates.transfer import offices, reader, sessions
from consulates.transfer.checks import Check
from consulates.transfer.reader import Unreadable, escaped, read, unescaped
from consulates.transfer.saving import NotFine, SavedAlready, check_upload, save_upload
from consulates.transfer.writer import csv_lines, workbook
from mexitel.audit.models import AuditLine
from tests.factories import tours as make
from tests.factories.consulates import (
    NOW,
    ConsulateFactory,
    PlaceFactory,
    ProcedureFactory,
    session_plan,
    venue,
)
from tests.factories.staff import staff_with

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 24)
SAMPLE = (DATA / "sessions_sample.csv").read_bytes()
OPENED = (DATA / "offices_opened_since_2021.csv").read_bytes()
LINE = {
    "office_code": "houston",
    "kind": "mobile",
    "date": "2027-01-16",
    "start": "09:00",
    "end": "11:00",
    "time_zone": "America/Los_Angeles",
    "city": "Reno",
    "state": "NV",
    "windows": "2",
    "slot_minutes": "30",
    "services": "passport",
    "place_name": "Biblioteca",
}


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


@pytest.fixture
def office():
    ProcedureFactory(code="passport")
    PlaceFactory(kind=PlaceKind.TOWN, key="reno", name="Reno", state="NV", latitude=39.5296, longitude=-119.8138)
    return ConsulateFactory(code="houston")


def file_of(*lines, columns=tuple(LINE), separator=","):
    text = io.StringIO()
    writer = csv.writer(text, delimiter=separator)
    writer.writerow(columns)
    writer.writerows([line.get(column, "") for column in columns] for line in lines)
    return text.getvalue().encode()


def xlsx_of(*lines, columns=tuple(LINE)):
    return workbook(columns, [[line.get(column, "") for column in columns] for line in lines])


def check(content, *mine) -> Check:
    known = sessions.known_to(mine or Consulate.objects.all())
    return sessions.check_sessions(content, known, today=TODAY)


def sentences(found: Check):
    return [(problem.line, problem.sentence) for problem in found.problems]


def reference():
    load_offices()
    load_procedures()
    rows = [row for row in rows_of("sessions_sample.csv") if row["kind"] in ("mobile", "on_wheels")]
    for key, state in {(fold(row["city"]), row["state"]) for row in rows}:
        PlaceFactory(kind=PlaceKind.TOWN, key=key, state=state)


def test_the_161_sessions_of_june_2021_are_imported_by_the_coordination():
    reference()
    user = staff_with(Role.NETWORK_COORDINATOR)
    access = access_of(user, now=NOW)
    upload = make.upload(Consulate.objects.get(code="los-angeles"), user, SAMPLE)

    found = check_upload(upload, access, now=NOW)
    assert (found.rows, len(found.made), sentences(found)) == (161, 161, [])
    assert found.notes[0] == "161 sessions lie in the past."
    assert found.notes[1].startswith("These procedures are not booked here and are left out: ")
    assert Session.objects.count() == 0

    assert save_upload(upload=upload, access=access, by=user, now=NOW) == 161
    assert Session.objects.filter(status="draft", is_sample=True).count() == 161
    upload.refresh_from_db()
    assert (upload.content, upload.saved_at, upload.made) == (None, NOW, 161)
    assert AuditLine.objects.get(action="import.sessions").detail["made"] == 161
    with pytest.raises(SavedAlready):
        save_upload(upload=upload, access=access, by=user, now=NOW)


def test_a_planner_imports_rows_of_own_offices_only():
    reference()
    office = Consulate.objects.get(code="los-angeles")
    user = staff_with(Role.PLANNER, office)
    access = access_of(user, now=NOW)
    upload = make.upload(office, user, SAMPLE)
    own = [row for row in rows_of("sessions_sample.csv") if row["office_code"] == "los-angeles"]

    found = check_upload(upload, access, now=NOW)
    assert len(found.made) == len(own) > 0
    assert len(found.problems) == 161 - len(own)
    assert sentences(found)[0] == (2, "You may not import sessions for the office “albuquerque”.")
    with pytest.raises(NotFine):
        save_upload(upload=upload, access=access, by=user, now=NOW)
    assert Session.objects.count() == 0


def test_the_two_offices_opened_since_2021_are_imported_by_the_coordination(office):
    user = staff_with(Role.NETWORK_COORDINATOR)
    upload = make.upload(office, user, OPENED, "offices")
    access = access_of(user, now=NOW)

    assert save_upload(upload=upload, access=access, by=user, now=NOW) == 2
    found = Consulate.objects.get(code="oklahoma-city")
    assert (found.opened_on, found.time_zone, found.address_is_known) == (date(2023, 5, 20), "America/Chicago", False)
    assert found not in Consulate.objects.working_on(date(2023, 5, 19))

    again = make.upload(office, user, OPENED, "offices")
    assert sentences(check_upload(again, access, now=NOW))[0] == (
        2,
        "There is an office with the code “oklahoma-city” already.",
    )
    planner = access_of(staff_with(Role.PLANNER, office), now=NOW)
    assert sentences(check_upload(again, planner, now=NOW)) == [
        (None, "Only the coordination of the network may add offices.")
    ]


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(file_of(LINE), id="commas"),
        pytest.param(file_of(LINE, separator=";"), id="semicolons"),
        pytest.param(b"\xef\xbb\xbf" + file_of(LINE), id="with the mark of UTF-8"),
        pytest.param(file_of({**LINE, "date": "16/01/2027"}), id="a day as Mexico writes it"),
        pytest.param(xlsx_of({**LINE, "windows": 2, "slot_minutes": 30}), id="xlsx"),
    ],
)
def test_every_shape_of_file_makes_the_same_draft(office, content):
    found = check(content)
    assert sentences(found) == []
    [(line, plan)] = found.made
    assert (line, plan.day, plan.windows, plan.venue.time_zone) == (2, date(2027, 1, 16), 2, "America/Los_Angeles")
    assert (plan.venue.latitude, plan.venue.longitude) == (Decimal("39.52960"), Decimal("-119.81380"))


def test_a_workbook_with_its_own_days_and_hours_is_read(office):
    from datetime import datetime, time

    book = Workbook()
    book.active.append(list(LINE))
    values = {"date": datetime(2027, 1, 16), "start": time(9), "end": time(11), "windows": 2.0, "slot_minutes": 30}
    book.active.append([{**LINE, **values}[column] for column in LINE])
    file = io.BytesIO()
    book.save(file)

    [(_line, plan)] = check(file.getvalue()).made
    assert (plan.day, f"{plan.opens:%H:%M}", plan.windows) == (date(2027, 1, 16), "09:00", 2)


SUNDAY_OF_THE_SWITCH = {"date": "2027-03-14", "kind": "on_wheels"}


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"office_code": "lima"}, "There is no office with the code “lima”."),
        ({"office_code": ""}, "“office_code” is empty."),
        ({"kind": "monday"}, "“kind” must be one of weekday, saturday, sunday, mobile, on_wheels, not “monday”."),
        ({"kind": "weekday"}, "2027-01-16 does not fit the kind “weekday”."),
        ({"date": "2027-02-30"}, "“date” must be a day such as 2026-12-31, not “2027-02-30”."),
        ({"start": "25:00"}, "“start” must be an hour such as 09:30, not “25:00”."),
        ({"end": "09:00"}, "It closes at 09:00, which is not after 09:00."),
        ({"end": "09:10"}, "From 09:00 to 09:10 there is no room for one slot of 30 minutes."),
        (
            {"time_zone": "Pacific Time"},
            "“Pacific Time” is not a time zone. Write its name, for example America/Chicago.",
        ),
        (
            {"time_zone": "../../etc/passwd"},
            "“../../etc/passwd” is not a time zone. Write its name, for example America/Chicago.",
        ),
        (
            {**SUNDAY_OF_THE_SWITCH, "start": "02:30"},
            "On 2027-03-14 the clocks of America/Los_Angeles skip an hour: 02:30 or 11:00 does not exist there.",
        ),
        (
            {"date": "2026-11-01", "start": "01:30"},
            "On 2026-11-01 the clocks of America/Los_Angeles repeat an hour: 01:30 or 11:00 happens twice.",
        ),
        ({"state": "XX"}, "“XX” is not the code of a state, such as TX."),
        ({"city": "Nowhere"}, "We do not know Nowhere, NV. Write its latitude and longitude."),
        ({"windows": "0"}, "“windows” must be a whole number from 1 to 200, not “0”."),
        ({"windows": "２"}, "“windows” must be a whole number from 1 to 200, not “２”."),
        ({"slot_minutes": "1e3"}, "“slot_minutes” must be a whole number from 5 to 240, not “1e3”."),
        ({"services": "passport;flying"}, "“services” names procedures that do not exist: flying."),
        ({"place_name": ""}, "A session in another town needs the name of its venue (“place_name”)."),
        (
            {"kind": "saturday", "place_name": "", "city": "Reno"},
            "A session of this kind is held at the office itself, in Houston.",
        ),
        (
            {"kind": "saturday", "place_name": "", "city": "Houston", "state": "TX"},
            "The office in Houston keeps the zone America/Chicago, not America/Los_Angeles.",
        ),
    ],
)
def test_each_wrong_cell_gets_its_line_and_a_sentence(office, changes, sentence):
    fine = {**LINE, "date": "2027-01-15"}
    assert sentences(check(file_of(fine, {**LINE, **changes}))) == [(3, sentence)]


def test_procedures_without_an_appointment_are_left_out_and_said(office):
    ProcedureFactory(code="protection", asked_at_office=True)
    found = check(file_of({**LINE, "services": "passport;protection"}))
    assert [procedure.code for procedure in found.made[0][1].procedures] == ["passport"]
    assert found.notes == ["These procedures are not booked here and are left out: protection."]
    assert sentences(check(file_of({**LINE, "services": "protection"}))) == [
        (2, "“services” names no procedure that is booked here.")
    ]


def test_overlaps_are_found_in_the_file_and_with_what_stands(office):
    other = {**LINE, "start": "10:30", "end": "12:00"}
    assert sentences(check(file_of(LINE, other))) == [(3, "It overlaps with line 2.")]
    touching = {**LINE, "start": "11:00", "end": "12:00"}
    assert sentences(check(file_of(LINE, touching))) == []

    plan_session(session_plan(office, kind="mobile", day=date(2027, 1, 16), venue=venue(name="Biblioteca")))
    assert sentences(check(file_of(touching, LINE))) == [(3, "The office already has a session there at that time.")]


def test_a_line_number_counts_lines_within_cells(office):
    line = {**LINE, "place_name": "Biblioteca\nSala 2"}
    assert sentences(check(file_of(line, {**LINE, "kind": "x"}, columns=tuple(LINE))))[0][0] == 4


HEADING = ",".join(LINE).encode() + b"\n"


def bomb():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/worksheets/sheet1.xml", b"0" * 50_000_000)
    return file.getvalue()


def with_entities():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as packed:
        packed.writestr("xl/workbook.xml", '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a "aaaa">]><a>&a;</a>')
    return file.getvalue()


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "The file is empty."),
        (b"\xef\xbb\xbf\r\n", "The file is empty."),
        (file_of(), "The file has a first line with names and nothing below it."),
        (b"a,b\n1,2\n", "These columns are missing: office_code, kind,"),
        (file_of(LINE, columns=(*LINE, "colour")), "These columns are unknown: colour."),
        (file_of(LINE, columns=(*LINE, "kind")), "These columns stand twice: kind."),
        (file_of({**LINE, "city": "Peña"}).decode().encode("latin-1"), "Line 2 is not written in UTF-8."),
        (file_of(LINE).decode().encode("utf-16"), "Line 1 is not written in UTF-8."),
        (file_of({**LINE, "city": "x" * 2000}), "Line 2 has a cell of more than 1,000 characters."),
        (file_of({**LINE, "city": "x" * 200_000}), "Line 2 has a cell of more than 1,000 characters."),
        (b"kind\n\x00\n", "This is not a CSV or XLSX file."),
        (HEADING + b'"a"b,c\n', "Line 2 cannot be read: a quotation mark is missing or too many."),
        (HEADING + b"1," * 20 + b"3\n", "Line 2 has more cells than the first line has names."),
        (b",".join(b"c%d" % n for n in range(80)), "The file has more than 60 columns."),
        (HEADING + b"a\n" * 1_000_000, "The file has more than 5,000 rows."),
        (b"a" * 5_000_001, "The file is larger than 5 MB."),
        (b"\xd0\xcf\x11\xe0" + b"0" * 99, "This is an old Excel file (.xls)."),
        (b"PK\x03\x04 no archive", "This is not an XLSX file that we can read."),
        (b"\x89PNG\r\n\x1a\n" + bytes(50), "Line 1 is not written in UTF-8."),
        (bomb(), "The file is too large once unpacked."),
        (with_entities(), "This is not an XLSX file that we can read."),
    ],
)
def test_each_wrong_file_gets_a_sentence_and_little_memory(office, content, sentence):
    tracemalloc.start()
    began = perf_counter()
    found = check(content)
    spent, (_now, most) = perf_counter() - began, tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert [each.line for each in found.problems] == [None]
    assert found.problems[0].sentence.startswith(sentence)
    assert most < 60_000_000
    assert spent < 10


def test_a_workbook_of_a_million_rows_is_left_after_the_limit(office):
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    for _number in range(reader.MAX_ROWS + 50):
        sheet.append(["a"])
    file = io.BytesIO()
    book.save(file)
    with pytest.raises(Unreadable) as refusal:
        list(read(file.getvalue())[1])
    assert refusal.value.code == "too_many_rows"


SHEET = (
    '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{}</sheetData></worksheet>'
)
LAUGHS = "".join(f'<!ENTITY a{number} "{f"&a{number - 1};" * 10}">' for number in range(1, 10))
TEXT = '<row r="1"><c r="A1" t="inlineStr"><is><t>&a9;</t></is></c></row>'
FAR = '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'


def with_sheet(content):
    """A real workbook whose sheet is ``content``."""
    whole, made = io.BytesIO(workbook(["a"], [])), io.BytesIO()
    with zipfile.ZipFile(whole) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, content if name == "xl/worksheets/sheet1.xml" else old.read(name))
    return made.getvalue()


@pytest.mark.parametrize(
    ("content", "code"),
    [
        # In two bytes a letter, so that looking for the word DOCTYPE does not find it: the parser itself refuses.
        (f'<!DOCTYPE w [<!ENTITY a0 "aaaaaaaaaa">{LAUGHS}]>{SHEET.format(TEXT)}'.encode("utf-16"), "no_workbook"),
        (SHEET.format(FAR).encode(), "too_many_rows"),
    ],
    ids=["entities that grow", "a cell at the far end"],
)
def test_a_workbook_cannot_say_much_with_little(content, code):
    with pytest.raises(Unreadable) as refusal:
        list(read(with_sheet(content))[1])
    assert refusal.value.code == code


@pytest.mark.parametrize("text", ["=1+1", "+1505", "-2", "@x", "\tx", "'=1", "''=1", "plain", "it's", "'quoted'", ""])
def test_escaping_is_undone_by_reading(text):
    assert unescaped(escaped(text)) == text
    assert escaped(text)[:1] not in {"=", "+", "-", "@", "\t"}


def test_what_was_exported_can_be_imported_again_and_runs_no_formula(office):
    evil = venue(name='=HYPERLINK("x")', street_address="@SUM(1)")
    procedure = Procedure.objects.get()
    plan = session_plan(office, kind="mobile", venue=evil, procedures=[procedure], capacity_factor=Decimal("0.9"))
    before = plan_session(plan)
    rows = list(sessions.exported(Session.objects.all()))
    tables = [b"".join(csv_lines(sessions.EXPORTED, rows)), workbook(sessions.EXPORTED, rows)]
    assert b"\"'=HYPERLINK" in tables[0]
    assert b"'@SUM(1)" in tables[0]
    before.delete()

    for table in tables:
        [(_line, found)] = check(table).made
        assert (found.venue, found.capacity_factor, found.day) == (evil, plan.capacity_factor, plan.day)
        assert (found.opens, found.closes, found.windows, list(found.procedures)) == (
            plan.opens,
            plan.closes,
            plan.windows,
            [procedure],
        )


def test_offices_that_were_exported_can_be_imported_again(office):
    rows = list(offices.exported(Consulate.objects.all()))
    Consulate.objects.all().delete()
    [(_line, found)] = offices.check_offices(b"".join(csv_lines(offices.EXPORTED, rows))).made
    assert (found.code, found.phone, found.longitude) == ("houston", "+17135550100", Decimal("-95.56060"))


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"kind": "palace"}, "“kind”:"),
        ({"latitude": "north"}, "“latitude” must be degrees, not “north”."),
        ({"time_zone": "Mars/Base"}, "“time_zone”:"),
        ({"opened_on": "soon"}, "“opened_on” must be a day such as 2026-12-31, not “soon”."),
        ({"state": "ZZ"}, "“ZZ” is not the code of a state, such as TX."),
        ({"code": "not a code"}, "“code”:"),
    ],
)
def test_each_wrong_office_gets_its_line_and_a_sentence(changes, sentence):
    row = rows_of("offices_opened_since_2021.csv")[0]
    content = file_of(row, {**row, "code": "other", **changes}, columns=tuple(row))
    [problem] = offices.check_offices(content).problems
    assert problem.line == 3
    assert problem.sentence.startswith(sentence)


def test_files_that_nobody_saved_go_with_the_next_one(office):
    from datetime import timedelta

    user = staff_with(Role.PLANNER, office)
    old = make.upload(office, user)
    Upload.objects.filter(pk=old.pk).update(created_at=NOW - timedelta(days=2))
    new = make.upload(office, user)
    assert list(Upload.objects.all()) == [new]
