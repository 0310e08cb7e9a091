"""The claim and what it is made of, as files of SQL. They are code: every ``migrate`` installs them as they
stand.
"""

from pathlib import Path

from django.db import connections


def install(*, using: str, **kwargs: object) -> None:
    """Create or replace every function, in file order. A receiver of ``post_migrate``; runs as the schema's
    owner.
    """
    with connections[using].cursor() as cursor:
        for file in sorted(Path(__file__).parent.glob("*.sql")):
            cursor.execute(file.read_text(encoding="utf-8"))
