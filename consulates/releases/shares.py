"""Pure: the telephone's share of the places of a release."""

from collections.abc import Sequence
from itertools import accumulate, pairwise


def phone_seats(seats: Sequence[int], percent: int) -> list[int]:
    """How many of the ``seats`` of each slot are the telephone's, so that together they are ``percent`` of all.

    Rounded up over the whole and not slot by slot: two places in each of 50 slots at 10 % are 10 for the telephone, in
    every fifth slot one; rounding each up would give 50, each down none. Never more than a slot has.
    """
    upto = [-(-total * percent // 100) for total in accumulate(seats, initial=0)]
    return [after - before for before, after in pairwise(upto)]
