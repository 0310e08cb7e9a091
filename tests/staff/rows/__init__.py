"""One module per room, each with its ROWS by URL name; a name may stand in one of them only."""

import importlib
import pkgutil

from tests.staff.matrix import Row


def all_rows() -> dict[str, Row]:
    rows: dict[str, Row] = {}
    for module in pkgutil.iter_modules(__path__):
        found = importlib.import_module(f"{__name__}.{module.name}").ROWS
        assert rows.keys().isdisjoint(found), f"{module.name} repeats {sorted(rows.keys() & found.keys())}"
        rows |= found
    return rows
