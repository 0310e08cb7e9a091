"""``.run/env``: the addresses, passwords and keys of this checkout's own servers, made once and kept.

``manage.py shell`` in a second terminal reads it, so that it talks to the portal that ``up`` runs.
"""

import base64
import os
import secrets
from collections.abc import Mapping
from pathlib import Path

from mexitel.bootstrap import RUN

FILE = RUN / "env"
# These commands change the schema, so they work as its owner; everything else serves.
OWNER_COMMANDS = {"migrate", "sqlmigrate", "squashmigrations"}
# These read and write files alone: a checkout that never ran ``up`` runs them with keys and addresses of no use.
FILE_COMMANDS = {"antifraud_replay", "match_identities"}
NOWHERE = {"DATABASE_URL": "postgres://nobody@127.0.0.1:1/none", "REDIS_URL": "redis://127.0.0.1:1/0"}


def read(path: Path = FILE) -> dict[str, str]:
    try:
        lines = path.read_text().splitlines()
    except FileNotFoundError:
        return {}
    return dict(line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))


def write(values: Mapping[str, str], path: Path = FILE) -> None:
    """Replace the file in one step, readable by its owner only."""
    draft = path.with_suffix(".draft")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as handle:
        handle.writelines(f"{name}={value}\n" for name, value in values.items())
    draft.replace(path)


def new_secrets() -> dict[str, str]:
    """Fresh keys for one checkout: never shared, never in git."""
    return {
        "SECRET_KEY": secrets.token_urlsafe(50),
        "FIELD_KEYS": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
        "HASH_KEY": secrets.token_urlsafe(32),
        "RECEIPT_KEY": base64.b64encode(secrets.token_bytes(32)).decode(),
    }


def load(command: str) -> None:
    """Let a Django command in a second terminal find the servers of ``up``; what is set already wins.

    Only for the development settings: production reads nothing that lies about in a folder.
    """
    if os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mexitel.settings.dev") != "mexitel.settings.dev":
        return
    if command in OWNER_COMMANDS:
        os.environ.setdefault("MEXITEL_DB_ROLE", "owner")
    kept = read()
    if "DATABASE_URL" in os.environ:  # somebody's own server: our owner does not exist there
        kept.pop("DATABASE_OWNER_URL", None)
    for name, value in kept.items():
        os.environ.setdefault(name, value)
    if command in FILE_COMMANDS:
        for name, value in {**NOWHERE, **new_secrets()}.items():
            os.environ.setdefault(name, value)
