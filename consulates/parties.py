"""Pure: which start times can take people who come together: one to five, or a family with minors of up to eight."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

MOST_ALONE = 5  # above it only a family with minors, in one go (DESIGN 4.5)
MAX_PARTY = 8


@dataclass(frozen=True)
class FreeSlot:
    id: int
    starts_at: datetime
    ends_at: datetime
    free: int


@dataclass(frozen=True)
class Choice:
    """Seats for a whole party, beginning at ``starts_at``: ``parts`` are (slot id, seats there), in order.

    ``free`` counts the seats of the first slot, to say "2 left".
    """

    starts_at: datetime
    last_starts_at: datetime
    parts: tuple[tuple[int, int], ...]
    free: int

    @property
    def together(self) -> bool:
        """Whether everybody is called at the same time."""
        return len(self.parts) == 1

    @property
    def value(self) -> str:
        """As the hold is asked for: ``"123:2,124:1"``."""
        return ",".join(f"{slot}:{seats}" for slot, seats in self.parts)


def choices(slots: Sequence[FreeSlot], party: int) -> list[Choice]:
    """One choice for each start from which ``party`` people fit, all at once or in consecutive slots
    without a gap.

    ``slots`` are those of one session, in order of time; full ones may be among them or left out.
    """
    found = (_choice_from(slots[at:], party) for at in range(len(slots)))
    return [choice for choice in found if choice]


def _choice_from(slots: Sequence[FreeSlot], party: int) -> Choice | None:
    parts: list[tuple[int, int]] = []
    missing, last = party, slots[0]
    for slot in slots:
        if not slot.free or (parts and slot.starts_at != last.ends_at):
            return None
        taken = min(missing, slot.free)
        parts.append((slot.id, taken))
        missing, last = missing - taken, slot
        if not missing:
            return Choice(slots[0].starts_at, last.starts_at, tuple(parts), slots[0].free)
    return None
