"""The roster as CSV and XLSX, for paper and for the day on which nothing else works."""

import csv
import io
from collections.abc import Iterable

from django.utils.translation import gettext as _
from openpyxl import Workbook

from appointments.day.roster import Line
from appointments.day.wording import needs_of

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def escaped(text: str) -> str:
    """What a spreadsheet would take for a formula becomes text: names come from strangers."""
    return f"'{text}" if text.lstrip(" ").startswith(FORMULA) else text


def header() -> list[str]:
    return [
        _("Time"),
        _("Reference"),
        _("Who attends"),
        _("Guardian"),
        _("Procedure"),
        _("Needs"),
        _("Priority"),
        _("State"),
        _("Turn"),
        _("Window"),
    ]


def row(line: Line) -> list[str]:
    attendance = line.attendance
    values = [
        line.clock,
        line.reference,
        "; ".join(line.names),
        line.guardian,
        line.appointment.procedure.name,
        ", ".join([*([str(line.mark.text)] if line.mark else []), *needs_of(line.people)]),
        _("yes") if line.priority else "",
        str(line.state.label),
        attendance.turn if attendance else "",
        attendance.window if attendance else "",
    ]
    return [escaped(value) for value in values]


def as_csv(lines: Iterable[Line]) -> bytes:
    """UTF-8 with a mark at its start, so that spreadsheets read accents."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(header())
    writer.writerows(row(line) for line in lines)
    return out.getvalue().encode("utf-8-sig")


def as_xlsx(lines: Iterable[Line]) -> bytes:
    book = Workbook(write_only=True)
    sheet = book.create_sheet(_("Roster"))
    sheet.append(header())
    for line in lines:
        sheet.append(row(line))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
