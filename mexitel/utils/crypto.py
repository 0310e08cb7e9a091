"""Personal data at rest: encrypted with rotating keys, found again by keyed hash.

``FIELD_KEYS`` lists Fernet keys: the first encrypts, all decrypt, so a key is rotated by putting a new one in
front, re-encrypting (``manage.py rotate_field_keys``) and dropping the old one.
``HASH_KEY`` serves equality only; changing it means hashing everything again.
"""

import hashlib
import hmac
from collections.abc import Sequence
from functools import cache
from typing import Any

from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.db import connection, models, transaction


@cache
def _box(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(key) for key in keys])


def _current_box() -> MultiFernet:
    return _box(tuple(settings.FIELD_KEYS))


def encrypt(text: str) -> str:
    """``text`` sealed with the first field key; the empty string stays empty, so "not given" needs no key."""
    return _current_box().encrypt(text.encode()).decode() if text else ""


def decrypt(token: str) -> str:
    """What ``encrypt`` sealed. Raises cryptography.fernet.InvalidToken when no key fits."""
    return _current_box().decrypt(token.encode()).decode() if token else ""


def rotate(token: str) -> str:
    """The same text sealed with the first key of today."""
    return _current_box().rotate(token.encode()).decode() if token else ""


def keyed_hash(kind: str, canonical: str) -> bytes:
    """32 bytes that are equal for equal ``canonical`` text of one ``kind``, and tell nothing without the key."""
    message = kind.encode() + b"\x1f" + canonical.encode()
    return hmac.new(settings.HASH_KEY.encode(), message, hashlib.sha256).digest()


def reseal(model: type[models.Model], columns: Sequence[str], *, batch: int) -> int:
    """Seal ``columns`` of every row of ``model`` again with today's first key, in order of the primary key and one
    small transaction per batch, so that people go on booking meanwhile; returns how many rows were read.

    Works on the sealed text below the field, since that is what changes. Interrupted, it is simply run again.
    """
    name = connection.ops.quote_name
    table, key = name(model._meta.db_table), name(model._meta.pk.column)
    chosen = ", ".join(name(column) for column in columns)
    change = f"UPDATE {table} SET {', '.join(f'{name(column)} = %s' for column in columns)} WHERE {key} = %s"  # noqa: S608
    total, last = 0, None
    while True:
        with transaction.atomic(), connection.cursor() as cursor:
            after = f"WHERE {key} > %s" if last is not None else ""
            select = f"SELECT {key}, {chosen} FROM {table} {after} ORDER BY {key} LIMIT {batch} FOR UPDATE"  # noqa: S608
            cursor.execute(select, [last] if last is not None else [])
            rows = cursor.fetchall()
            cursor.executemany(change, [[*map(rotate, sealed), row_key] for row_key, *sealed in rows])
        if not rows:
            return total
        total, last = total + len(rows), rows[-1][0]


class EncryptedTextField(models.TextField):
    """Text that the database only ever sees encrypted. Not searchable: keep a ``keyed_hash`` beside it for equality."""

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> str | None:
        return None if value is None else decrypt(value)

    def get_prep_value(self, value: str | None) -> str | None:
        return None if value is None else encrypt(str(value))
