"""Many rows at once: read by key, written over, deleted, copied. Each table names its columns in the order of its rows.

Values are Python's own; a column in ``json`` holds lists or mappings. Nothing here opens a transaction.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db import connection, models
from psycopg2.extras import Json, execute_values

Row = tuple[Any, ...]
PAGE = 500  # rows in one statement
CHUNK = 1 << 20  # bytes handed to COPY at once
ESCAPES = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"})


@dataclass(frozen=True)
class Table:
    """``model``'s table. ``key``: how many of the first columns make up its key."""

    model: type[models.Model]
    columns: tuple[str, ...]
    key: int = 1
    json: frozenset[str] = frozenset()

    @property
    def name(self) -> str:
        return self.model._meta.db_table

    @cached_property
    def _columns(self) -> str:
        return ", ".join(map(quoted, self.columns))

    @cached_property
    def _told(self) -> tuple[bool, ...]:
        return tuple(name in self.json for name in self.columns)  # Django leaves JSON as text

    @property
    def _key_names(self) -> tuple[str, ...]:
        return self.columns[: self.key]

    @cached_property
    def _keys(self) -> str:
        return ", ".join(map(quoted, self._key_names))

    def read(self, where: str, *parameters: Any) -> list[Row]:
        """The rows for which ``where`` (SQL of ours) holds; bytes are bytes."""
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {self._columns} FROM {self.name} WHERE {where}", parameters)  # noqa: S608
            return [
                tuple(json.loads(value) if told else plain(value) for value, told in zip(row, self._told, strict=True))
                for row in cursor.fetchall()
            ]

    def by_keys(self, keys: Sequence[Row]) -> list[Row]:
        """The rows with these keys, in any order."""
        if not keys:
            return []
        if self.key == 1:
            return self.read(f"{self._keys} = ANY(%s)", [key for (key,) in keys])
        casts = ", ".join(f"%s::{self.model._meta.get_field(name).db_type(connection)}[]" for name in self._key_names)
        return self.read(f"({self._keys}) IN (SELECT * FROM unnest({casts}))", *map(list, zip(*keys, strict=True)))  # noqa: S608

    def write(self, rows: Sequence[Row]) -> None:
        """Insert ``rows``, each over the row of its key where there is one."""
        if not rows:
            return
        change = ", ".join(f"{quoted(name)} = EXCLUDED.{quoted(name)}" for name in self.columns[self.key :])
        with connection.cursor() as cursor:
            execute_values(
                cursor,
                f"INSERT INTO {self.name} ({self._columns}) VALUES %s"  # noqa: S608
                f" ON CONFLICT ({self._keys}) DO UPDATE SET {change}",
                (with_json(row, self._told) for row in rows) if self.json else rows,
                page_size=PAGE,
            )

    def add(self, rows: Sequence[Row]) -> None:
        """Insert ``rows`` of a table that only grows."""
        if rows:
            with connection.cursor() as cursor:
                sql = f"INSERT INTO {self.name} ({self._columns}) VALUES %s"  # noqa: S608
                execute_values(cursor, sql, rows, page_size=PAGE)

    def delete(self, keys: Iterable[Row]) -> None:
        keys = list(keys)
        if keys:
            with connection.cursor() as cursor:
                sql = f"DELETE FROM {self.name} WHERE ({self._keys}) IN (VALUES %s)"  # noqa: S608
                execute_values(cursor, sql, keys, page_size=PAGE)

    def delete_where(self, where: str, *parameters: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"DELETE FROM {self.name} WHERE {where}", parameters)  # noqa: S608

    def copy(self, rows: Iterable[Row]) -> None:
        """Stream ``rows`` in with COPY; none of their keys may be there."""
        with connection.cursor() as cursor:
            cursor.copy_expert(f"COPY {self.name} ({self._columns}) FROM STDIN", Stream(lines(rows, self._told)))


def quoted(name: str) -> str:
    return f'"{name}"'


def plain(value: Any) -> Any:
    """What psycopg2 read, with bytes for its views of memory."""
    if isinstance(value, memoryview):
        return bytes(value)
    if isinstance(value, list):
        return [bytes(one) if isinstance(one, memoryview) else one for one in value]
    return value


def with_json(row: Row, told: Sequence[bool]) -> Row:
    return tuple(Json(value) if is_json else value for value, is_json in zip(row, told, strict=True))


def lines(rows: Iterable[Row], told: Sequence[bool]) -> Iterator[str]:
    """COPY's text format."""
    for row in rows:
        yield "\t".join(map(cell, row, told)) + "\n"


def cell(value: Any, is_json: bool) -> str:
    if is_json:
        return json.dumps(value, ensure_ascii=False).translate(ESCAPES)
    if value is None:
        return r"\N"
    if isinstance(value, str):
        return value.translate(ESCAPES)
    if isinstance(value, bytes):
        return rf"\\x{value.hex()}"
    if isinstance(value, list):
        return ("{" + ",".join(map(element, value)) + "}").translate(ESCAPES)
    return str(value)


def element(value: Any) -> str:
    """One element of an array's text; texts may hold anything."""
    if isinstance(value, bytes):
        return rf'"\\x{value.hex()}"'
    if isinstance(value, str):
        escaped = value.replace("\\", r"\\").replace('"', r"\"")
        return f'"{escaped}"'
    return str(value)


class Stream:
    """Lines as the file that COPY reads, a piece at a time."""

    def __init__(self, lines: Iterator[str]) -> None:
        self.lines = lines
        self.rest = b""

    def read(self, size: int = CHUNK) -> bytes:
        pieces, length = [self.rest], len(self.rest)
        for line in self.lines:
            pieces.append(line.encode())
            length += len(pieces[-1])
            if length >= size:
                break
        whole = b"".join(pieces)
        self.rest = whole[size:]
        return whole[:size]
