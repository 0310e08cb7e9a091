"""The command that lists pairs, as somebody at a terminal meets it. All people are invented."""

import pytest
from django.core.management import CommandError, call_command

HEADER = (
    "record_id,given_names,surname_1,surname_2,birth_date,sex,document_id,"
    "street_number,street,locality,postal_code,state"
)
LUCIA = "a,Lucía,Robles,Quintana,1987-03-04,F,ROQL870304MJCBNC07,4120,Maple Street,Houston,77002,TX"


@pytest.fixture
def match(tmp_path, capsys):
    def run(content):
        records, pairs = tmp_path / "records.csv", tmp_path / "pairs.csv"
        records.write_bytes(content if isinstance(content, bytes) else content.encode())
        call_command("match_identities", str(records), output=pairs)
        return pairs.read_text()

    return run


def lines(*rows, header=HEADER):
    return "\n".join([header, *rows]) + "\n"


def test_pairs_are_listed_with_class_and_score(match):
    copy = LUCIA.replace("a,Lucía", "b,Lucia").replace("1987-03-04", "never")
    poor = "c,Lucía,Robles,Quintana,1987-03-04,,,,,,,"
    stranger = "d,Joaquín,Ybarra,Tello,1961-12-30,M,YATJ611230HOCBLQ05,7,Oak Lane,Denver,80202,CO"

    header, *pairs = match(lines(LUCIA, copy, poor, stranger)).splitlines()

    assert header == "record_id_a,record_id_b,class,score"
    assert [pair.rsplit(",", 1)[0] for pair in pairs] == ["a,b,same", "a,c,possible"]
    assert all(float(pair.rsplit(",", 1)[1]) >= 0 for pair in pairs)


def test_equal_input_gives_equal_output(match):
    content = lines(LUCIA, LUCIA.replace("a,", "b,", 1), LUCIA.replace("a,", "c,", 1))

    assert match(content) == match(content)


@pytest.mark.parametrize("content", [lines(), lines("a" + "," * 11, "b" + "," * 11), lines(LUCIA, "", "")])
def test_nothing_to_compare_is_an_answer_too(match, content):
    assert match(content) == "record_id_a,record_id_b,class,score\n"


@pytest.mark.parametrize("wrap", [lambda text: "\ufeff" + text, lambda text: text.replace("\n", "\r\n")])
def test_files_from_a_spreadsheet_are_read(match, wrap):
    assert "a,b,same" in match(wrap(lines(LUCIA, LUCIA.replace("a,", "b,", 1))))


def test_columns_stand_in_any_order_and_others_are_ignored(match):
    header = "note," + ",".join(reversed(HEADER.split(",")))
    rows = ["x," + ",".join(reversed(LUCIA.replace("a,", f"{name},", 1).split(","))) for name in "ab"]

    assert "a,b,same" in match(lines(*rows, header=header))


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "Line 1 must name the columns; missing: record_id, given_names"),
        (lines(LUCIA, header=HEADER.replace("sex,", "")), "Line 1 must name the columns; missing: sex."),
        (lines(LUCIA, "b,Ana"), "Line 3 has 2 cells, fewer than the header names."),
        (lines(LUCIA, LUCIA), "Line 3 repeats the record_id 'a' of line 2."),
        (lines(LUCIA, LUCIA.replace("a,", ",", 1)), "Line 3 has no record_id."),
        (lines(LUCIA, 'b,"Ana,,,,,,,,,,', "c" + "," * 11), "Line 4 is not CSV: unexpected end of data; is a quotation"),
        (lines(LUCIA, "b," + "Ana" * 400 + "," * 10), "Line 3 has a cell of more than 1000 characters."),
        (lines(LUCIA).encode() + "b,Lucía".encode("latin-1"), "is not UTF-8; the first other byte is in line 3."),
    ],
    ids=["empty", "column", "cells", "twice", "nameless", "quote", "long", "latin"],
)
def test_a_file_of_no_use_ends_with_a_sentence_that_says_where(match, content, sentence):
    with pytest.raises(CommandError) as refusal:
        match(content)

    assert sentence in str(refusal.value)


def test_files_that_are_not_there_are_named(tmp_path):
    with pytest.raises(CommandError, match=r"nowhere\.csv cannot be read: No such file"):
        call_command("match_identities", str(tmp_path / "nowhere.csv"), output=tmp_path / "pairs.csv")
