"""Pure: what leaves the house of a number about people (definitions.SUPPRESSION says it in words).

Every published number about people passes here once, totals too, each rounded by itself. What is left over when
published parts are taken from a published total is uncertain by several people, so it finds nobody.
"""

from appointments.statistics.definitions import BY_CODE, Of

FEW, STEP = 5, 5
SHOWN_FEW = "<5"


def published(code: str, value: int | None) -> int | str | None:
    """The number as everybody may know it; None where there is none."""
    if value is None or BY_CODE[code].of is not Of.PEOPLE:
        return value
    if 0 < value < FEW:
        return SHOWN_FEW
    return (value + STEP // 2) // STEP * STEP


def share(part: int | str | None, whole: int | str | None) -> float | None:
    """Per cent with one decimal, of two published numbers; None where one of them says too little."""
    if not isinstance(part, int) or not isinstance(whole, int) or whole == 0:
        return None
    return round(100 * part / whole, 1)
