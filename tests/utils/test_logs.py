import logging

import pytest

from mexitel.utils.logs import NoPersonalData, PlainFormatter, without_personal_data


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("sign in of ana.lopez+1@gmail.com refused", "sign in of <e-mail> refused"),
        ("call +12135551234 and 213-555-1234", "call <number> and <number>"),
        ("curp LOOA531113HTCPBN07 wrong", "curp <curp> wrong"),
        ("Not Found: /cita/abcDEF123/ics", "Not Found: /cita/<token>/ics"),
        ("GET /buscar/?zip=90012&name=Ana 200", "GET /buscar/?<query> 200"),
        ("slot 123456 at 2026-11-23 20:35:03", "slot 123456 at 2026-11-23 20:35:03"),
    ],
)
def test_lines_keep_no_personal_data(text, kept):
    assert without_personal_data(text) == kept


def test_arguments_and_tracebacks_are_cleaned_too():
    try:
        raise ValueError("bad address ana@example.com")
    except ValueError:
        import sys

        record = logging.LogRecord("x", logging.ERROR, __file__, 1, "for %s", ("ana@example.com",), sys.exc_info())
    NoPersonalData().filter(record)

    line = PlainFormatter("{message}", style="{").format(record)

    assert "ana@" not in line
    assert line.startswith("for <e-mail>")
