"""Pure: agents and clerks whose pattern their colleagues do not share. Group G, for a case about staff alone.

Four shares of an agent's own bookings for others, each beside those of colleagues in the network: how many robust
standard deviations from the median. It says that somebody should look, never what they will find.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from antifraud.evidence.contribution import Contribution, contribution
from antifraud.oversight.numbers import robust_z
from antifraud.scoring import Reason, eighths

LEAST_BOOKINGS = 30  # fewer say nothing about a person
LEAST_PEERS = 8
FLOOR = 0.02  # colleagues who are all alike do not make a small difference large
STANDS_OUT, STANDS_FAR_OUT = 3.0, 5.0
LEAST_ABOVE = 0.1  # and a tenth of the bookings at least above the median
CAP = 4.0

SENTENCES = {
    "G5": {
        "es": "En {count} de {of} citas que sacó no consta ningún contacto comprobado; lo usual es {usual} %.",
        "en": "In {count} of {of} bookings no contact of the caller was proven; usual is {usual} %.",
    },
    "G6": {
        "es": "Apartó {count} de {of} lugares a menos de 10 segundos de aparecer; lo usual es {usual} %.",
        "en": "{count} of {of} places were taken within 10 seconds of appearing; usual is {usual} %.",
    },
    "G7": {
        "es": "En {count} de {of} citas el mismo teléfono sirvió a varias familias; lo usual es {usual} %.",
        "en": "In {count} of {of} bookings one phone served several families; usual is {usual} %.",
    },
    "G8": {
        "es": "En {count} de {of} citas se amplió el límite de cinco; lo usual es {usual} %.",
        "en": "In {count} of {of} bookings the limit of five was raised; usual is {usual} %.",
    },
}


class Pattern(NamedTuple):
    """What one agent did in the window: bookings for others, and how many of each kind, in the order of SENTENCES."""

    agent: int
    bookings: int
    unproven: int
    at_once: int
    shared: int
    raised: int

    @property
    def counts(self) -> Mapping[str, int]:
        return dict(zip(SENTENCES, self[2:], strict=True))

    def share(self, code: str) -> float:
        return self.counts[code] / self.bookings


def who_stands_out(patterns: Sequence[Pattern]) -> Iterator[tuple[Pattern, list[Reason]]]:
    """Agents with two reasons, or one that stands far out; nobody while there are too few colleagues to compare."""
    enough = [one for one in patterns if one.bookings >= LEAST_BOOKINGS]
    if len(enough) <= LEAST_PEERS:
        return
    for one in enough:
        peers = [other for other in enough if other is not one]
        found = [z_and_reason for code in SENTENCES if (z_and_reason := _beside(one, peers, code))]
        if len(found) > 1 or any(z >= STANDS_FAR_OUT for z, _ in found):
            yield one, [reason for _, reason in found]


def _beside(one: Pattern, peers: Sequence[Pattern], code: str) -> tuple[float, Reason] | None:
    shares = [peer.share(code) for peer in peers]
    z = robust_z(one.share(code), shares, floor=FLOOR)
    usual = sorted(shares)[len(shares) // 2]
    if z < STANDS_OUT or one.share(code) - usual < LEAST_ABOVE:
        return None
    found: Contribution = contribution(
        code, eighths(min(z - 1, CAP)), count=one.counts[code], of=one.bookings, usual=round(100 * usual)
    )
    return z, Reason(found.code, "staff", found.points, found.evidence)
