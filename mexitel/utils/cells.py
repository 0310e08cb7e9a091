"""Pure: numbers of people that are shown to strangers. Small ones are left out, and what would give them away."""

from collections.abc import Mapping

SMALL = 5


def shown(count: int) -> int | None:
    """None for one to four."""
    return None if 0 < count < SMALL else count


def suppressed(counts: Mapping[str, int]) -> dict[str, int | None]:
    """The parts of a total that is shown beside them: a single part that is left out would follow from the others, so
    the smallest of those goes too.
    """
    cells = {key: shown(count) for key, count in counts.items()}
    left_out = [key for key, count in cells.items() if count is None]
    others = [key for key, count in cells.items() if count]
    if len(left_out) == 1 and others:
        cells[min(others, key=lambda key: counts[key])] = None
    return cells
