"""Tables for download, in CSV or XLSX. Whatever a cell says, no spreadsheet runs it.

Another room needs ``download`` alone: ``download(columns, rows, name="lista", kind="csv")``.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, Literal

from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse

from .reader import escaped

Kind = Literal["csv", "xlsx"]
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
KINDS: tuple[Kind, ...] = ("csv", "xlsx")


def download(columns: Sequence[str], rows: Iterable[Sequence[Any]], *, name: str, kind: Kind) -> HttpResponseBase:
    """The table as a file called ``name``. CSV is streamed, in UTF-8 with the mark that Excel needs."""
    response: HttpResponseBase
    if kind == "xlsx":
        response = HttpResponse(workbook(columns, rows), content_type=XLSX)
    else:
        response = StreamingHttpResponse(csv_lines(columns, rows), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.{kind}"'
    response["Cache-Control"] = "no-store"
    return response


class _Echo:
    def write(self, text: str) -> str:
        return text


def csv_lines(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[bytes]:
    writer = csv.writer(_Echo())
    yield b"\xef\xbb\xbf" + writer.writerow(columns).encode()
    for row in rows:
        yield writer.writerow([plain(cell) for cell in row]).encode()


def workbook(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    from openpyxl import Workbook  # takes its time; few processes need it

    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.append(list(columns))
    for row in rows:
        sheet.append([cell if isinstance(cell, int | Decimal) else plain(cell) for cell in row])
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def plain(cell: Any) -> str:
    """One cell as text: numbers as they are, days and hours in ISO, everything else so that it is no formula."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return str(cell).lower()
    if isinstance(cell, int | Decimal):
        return str(cell)
    if isinstance(cell, datetime):
        return cell.isoformat(timespec="minutes")
    if isinstance(cell, time):
        return f"{cell:%H:%M}"
    if isinstance(cell, date):
        return cell.isoformat()
    return escaped(str(cell).replace("\x00", ""))
