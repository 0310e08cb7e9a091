"""Pure: a CSV or XLSX file becomes rows of text, within limits that hold whatever the file claims.

Nothing is read further than the limits: a packed bomb, a cell without end or a million rows cost a sentence.
"""

import csv
import io
import re
import warnings
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from django.utils.translation import gettext as _

MAX_BYTES = 5_000_000
MAX_UNPACKED_BYTES = 20_000_000
MAX_ROWS = 5_000
MAX_COLUMNS = 60
MAX_CELL = 1_000
ZIP, OLD_EXCEL = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
# A cell that a spreadsheet would run. The writer puts an apostrophe before it; the reader takes it away again.
FORMULA = re.compile(r"^[=+\-@\t\r\n＝＋－＠]")


class Unreadable(Exception):
    """The file as a whole; ``sentence`` says why, and what to do."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(code)
        self.code, self.sentence = code, sentence


@dataclass(frozen=True)
class Row:
    """``line`` is that of the file, counted from one, the heading included."""

    line: int
    cells: dict[str, str]

    def __getitem__(self, column: str) -> str:
        return self.cells.get(column, "")


def read(content: bytes) -> tuple[list[str], Iterator[Row]]:
    """The column names, and the rows that hold anything. Raises Unreadable, also while rows are read."""
    if not content.strip():
        raise Unreadable("empty", _("The file is empty."))
    if len(content) > MAX_BYTES:
        raise too_large()
    if content.startswith(OLD_EXCEL):
        raise Unreadable("old_excel", _("This is an old Excel file (.xls). Save it as .xlsx or as CSV and try again."))
    lines = _of_workbook(content) if content.startswith(ZIP) else _of_text(content)
    columns = _heading(lines)
    return columns, _rows(columns, lines)


def too_large() -> Unreadable:
    megabytes = MAX_BYTES // 1_000_000
    return Unreadable("too_large", _("The file is larger than %(megabytes)s MB. Split it.") % {"megabytes": megabytes})


def too_many_rows() -> Unreadable:
    return Unreadable("too_many_rows", _("The file has more than %(rows)s rows. Split it.") % {"rows": f"{MAX_ROWS:,}"})


Line = tuple[int, list[str]]


def _heading(lines: Iterator[Line]) -> list[str]:
    for _number, cells in lines:
        columns = [cell.strip().casefold() for cell in cells]
        while columns and not columns[-1]:
            columns.pop()
        if not columns:
            continue
        if len(columns) > MAX_COLUMNS:
            raise Unreadable(
                "too_many_columns", _("The file has more than %(count)s columns.") % {"count": MAX_COLUMNS}
            )
        doubled = sorted({column for column in columns if column and columns.count(column) > 1})
        if doubled:
            raise Unreadable(
                "doubled_column", _("These columns stand twice: %(names)s.") % {"names": ", ".join(doubled)}
            )
        return columns
    raise Unreadable("empty", _("The file is empty."))


def _rows(columns: list[str], lines: Iterator[Line]) -> Iterator[Row]:
    for count, (number, cells) in enumerate(lines, start=1):
        if count > MAX_ROWS:
            raise too_many_rows()
        if any(len(cell) > MAX_CELL for cell in cells):
            raise _long_cell(number)
        if any(cell.strip() for cell in cells[len(columns) :]):
            raise Unreadable(
                "too_many_cells",
                _("Line %(line)s has more cells than the first line has names. Look for a separator too many.")
                % {"line": number},
            )
        if any(cell.strip() for cell in cells):
            yield Row(number, {name: unescaped(cell.strip()) for name, cell in zip(columns, cells, strict=False)})


def _long_cell(number: int) -> Unreadable:
    sentence = _("Line %(line)s has a cell of more than %(count)s characters.")
    return Unreadable("long_cell", sentence % {"line": number, "count": f"{MAX_CELL:,}"})


def escaped(text: str) -> str:
    """Text that no spreadsheet takes for a formula."""
    return f"'{text}" if FORMULA.match(text.lstrip("'")) else text


def unescaped(text: str) -> str:
    return text[1:] if text.startswith("'") and FORMULA.match(text.lstrip("'")) else text


def _of_text(content: bytes) -> Iterator[Line]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise Unreadable(
            "encoding",
            _("Line %(line)s is not written in UTF-8. In Excel save it as “CSV UTF-8” and try again.") % {"line": line},
        ) from error
    if "\x00" in text:
        raise Unreadable("encoding", _("This is not a CSV or XLSX file."))
    first = text.lstrip("\r\n").partition("\n")[0]
    separator = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    number = 1
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            if "field limit" in str(error):
                raise _long_cell(number) from error
            raise Unreadable(
                "csv", _("Line %(line)s cannot be read: a quotation mark is missing or too many.") % {"line": number}
            ) from error
        yield number, cells
        number = reader.line_num + 1


def _of_workbook(content: bytes) -> Iterator[Line]:
    _look_into(content)
    from openpyxl import load_workbook  # takes its time; few processes need it

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about styles that we do not read
            book = load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
            sheet = book.worksheets[0]
            sheet.reset_dimensions()  # what the file says of its size is not believed
            for number, cells in enumerate(sheet.iter_rows(max_col=MAX_COLUMNS + 1, values_only=True), start=1):
                yield number, [_text(cell) for cell in cells]
    except Unreadable:
        raise
    except Exception as error:  # the library raises whatever the broken part happened to break
        raise _no_workbook() from error


def _look_into(content: bytes) -> None:
    """Refuse what would not fit into memory unpacked. Python reads no more of a part than its entry declares."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            parts = packed.infolist()
            if len(parts) > 500 or sum(part.file_size for part in parts) > MAX_UNPACKED_BYTES:
                raise Unreadable("bomb", _("The file is too large once unpacked. Split it, or save it as CSV."))
            for part in parts:
                if part.filename.endswith((".xml", ".rels")) and b"<!DOCTYPE" in packed.open(part).read(4096):
                    raise _no_workbook()
    except (zipfile.BadZipFile, OSError, RuntimeError, NotImplementedError, EOFError) as error:
        raise _no_workbook() from error


def _no_workbook() -> Unreadable:
    return Unreadable("no_workbook", _("This is not an XLSX file that we can read. Save it again, or as CSV."))


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else f"{value:%Y-%m-%d %H:%M}"
    if isinstance(value, time):
        return f"{value:%H:%M}"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
