"""Pure: the order of a draw. Whoever has the seed and the sealed list gets the same one, in any language."""

from collections.abc import Iterable
from hmac import digest
from typing import NamedTuple


class Ticket(NamedTuple):
    """``code`` is random and says nothing of the person; ``weight`` is as how many numbered tickets it counts."""

    code: str
    weight: int = 1


def rank(seed: bytes, tickets: Iterable[Ticket]) -> list[Ticket]:
    """``tickets`` in the order that ``seed`` (32 bytes) gives them, first to last, whatever order they come in.

    Each stands where the smallest HMAC-SHA256(seed, "code#n") of its numbers 1..weight puts it, compared as bytes.
    Raises ValueError for a code that comes twice or a weight below one: such a list was never sealed.
    """
    ranked = [(best_number(seed, ticket), ticket) for ticket in tickets]
    if len({ticket.code for _mark, ticket in ranked}) < len(ranked):
        raise ValueError("A ticket comes twice.")
    ranked.sort()
    return [ticket for _mark, ticket in ranked]


def best_number(seed: bytes, ticket: Ticket) -> bytes:
    """The smallest of the ticket's marks: two tickets in a hundred years share one, and then the code decides."""
    code, weight = ticket
    if weight < 1:
        raise ValueError("A ticket counts at least once.")
    if weight == 1:
        return digest(seed, f"{code}#1".encode(), "sha256")
    return min(digest(seed, f"{code}#{number}".encode(), "sha256") for number in range(1, weight + 1))
