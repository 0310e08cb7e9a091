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

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.db import connection, models


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


def seal_bytes(content: bytes) -> bytes:
    """A file sealed with the first field key; a third longer than it was."""
    return _current_box().encrypt(content)


def open_bytes(token: bytes) -> bytes:
    """What ``seal_bytes`` sealed. Raises cryptography.fernet.InvalidToken when no key fits."""
    return _current_box().decrypt(token)


def rotate_bytes(token: bytes) -> bytes:
    """The same file sealed with the first key of today."""
    return _current_box().rotate(token)


def keyed_hash(kind: str, canonical: str) -> bytes:
    """32 bytes that are equal for equal ``canonical`` text of one ``kind``, and tell nothing without the key."""
    message = kind.encode() + b"\x1f" + canonical.encode()
    return hmac.new(settings.HASH_KEY.encode(), message, hashlib.sha256).digest()


def is_current(token: str | bytes) -> bool:
    """Whether the first key of today sealed ``token``; the empty string needs no key."""
    sealed = token.encode() if isinstance(token, str) else token
    try:
        return not sealed or bool(_box((settings.FIELD_KEYS[0],)).decrypt(sealed))
    except InvalidToken:
        return False


def reseal(model: type[models.Model], columns: Sequence[str], *, batch: int) -> int:
    """Seal ``columns`` of every row of ``model`` again with today's first key; returns how many rows changed.

    People go on booking: rows are read in batches by primary key without a lock, and each is written by a statement of
    its own, only if it still says what was read. Whoever changed it meanwhile has sealed it with the key of today.
    Works on the sealed text below the field, since that is what changes. Interrupted, it is simply run again.
    """
    name = connection.ops.quote_name
    table, key = name(model._meta.db_table), name(model._meta.pk.attname)
    sealed_columns = ", ".join(name(column) for column in columns)
    total, last = 0, None
    while True:
        with connection.cursor() as cursor:
            after = f"WHERE {key} > %s" if last is not None else ""
            cursor.execute(
                f"SELECT {key}, {sealed_columns} FROM {table} {after} ORDER BY {key} LIMIT {batch}",  # noqa: S608 - names of models
                [] if last is None else [last],
            )
            rows = cursor.fetchall()
            for row_key, *sealed in rows:
                total += _reseal_row(cursor, table, key, row_key, dict(zip(columns, sealed, strict=True)))
        if not rows:
            return total
        last = rows[-1][0]


def _reseal_row(cursor: Any, table: str, key: str, row_key: Any, sealed: dict[str, str | None]) -> int:
    old = {column: token for column, token in sealed.items() if token is not None and not is_current(token)}
    if not old:
        return 0
    name = connection.ops.quote_name
    change = ", ".join(f"{name(column)} = %s" for column in old)
    as_read = " AND ".join(f"{name(column)} = %s" for column in old)
    cursor.execute(
        f"UPDATE {table} SET {change} WHERE {key} = %s AND {as_read}",  # noqa: S608
        [*(rotate(token) for token in old.values()), row_key, *old.values()],
    )
    return cursor.rowcount


class EncryptedTextField(models.TextField):
    """Text that the database only ever sees encrypted. Not searchable: keep a ``keyed_hash`` beside it for equality."""

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> str | None:
        return None if value is None else decrypt(value)

    def get_prep_value(self, value: str | None) -> str | None:
        return None if value is None else encrypt(str(value))
