"""What a rule of the retention table says."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal


@dataclass(frozen=True)
class Rule:
    """What happens to ``table``'s rows once ``column`` is older than ``after``.

    ``delete`` removes rows, ``blank`` sets the columns of ``values`` (SQL literals), ``drop_month`` lets
    whole finished months go (by a function of the schema's owner: DROPS), ``owner`` is done by hand with the owner's
    role because the serving role must not. ``only`` narrows the rows (SQL), and keeps ``blank`` from writing the same
    row again. With ``parent`` (table, the column that points to its id) the age stands in that row.
    """

    table: str
    column: str
    after: timedelta
    action: Literal["delete", "blank", "drop_month", "owner"]
    why: str
    values: Mapping[str, str] = field(default_factory=dict)
    only: str = "true"
    parent: tuple[str, str] | None = None
