"""From which ranges a world draws itself. Shares are drawn once per world, counts once per actor; both evenly.

``GUIDE`` are the ranges of the development worlds, ``HARD`` what replaces them in worlds meant to be unlike those.
Where the literature names a range it stands here as it is; the others are judgement and marked so by a leading ``~``.
"""

from random import Random

Range = tuple[float, float]

HONEST: dict[str, Range] = {
    # Shares of bookings; what they leave is singles.
    "families": (0.30, 0.45),
    "aliased families": (0.02, 0.02),
    "helpers": (0.03, 0.08),
    "~registered helpers": (0.005, 0.02),
    "terminals": (0.01, 0.03),
    "drives": (0.01, 0.03),
    "~neighbours": (0.002, 0.008),
    # Shares of those who could.
    "father's surname": (0.85, 0.85),
    "twins": (0.012, 0.012),
    "~two accounts": (0.04, 0.10),
    "~grandparents": (0.05, 0.12),
    "~in-laws": (0.01, 0.03),
    "phone": (0.15, 0.40),
    "~chat": (0.0, 0.05),
    "rescheduled": (0.10, 0.20),
    "to another office": (0.25, 0.25),
    "~cancelled": (0.03, 0.08),
    "abandoned": (0.06, 0.10),
    "~at release": (0.15, 0.35),
    "~night shift": (0.01, 0.04),
    "~watching": (0.05, 0.20),
    "~autofill": (0.05, 0.15),
    "relay": (0.03, 0.03),
    "CGNAT": (0.40, 0.70),
    "no CURP": (0.20, 0.50),
    "~CURP slip": (0.005, 0.03),
    "corrected": (0.03, 0.03),
    "~corrections refused": (0.002, 0.006),
    "~unverified": (0.05, 0.20),
    "~cookie lost": (0.03, 0.10),
    "~no cookie": (0.0, 0.02),
    "~another account": (0.05, 0.20),
    "~handed to a relative": (0.02, 0.06),
    "~second procedure": (0.02, 0.07),
    "~no-show": (0.06, 0.18),
    "terminal keeps cookie": (0.50, 1.0),
    "~terminal marked": (0.0, 0.6),
    "~polled": (0.1, 0.3),
    "~typing median, s": (60.0, 100.0),
    "~quick retake, s": (40.0, 900.0),
}
HONEST_COUNTS = {
    "children": (1, 6),
    "unrelated": (2, 5),
    "~registered people": (5, 15),
    "~neighbour people": (3, 7),
    "terminal people": (15, 60),
    "drive people": (12, 40),
    "~drive devices": (3, 3),
    "CGNAT prefixes": (30, 300),
    "agents": (40, 40),
}
SUPPLY: dict[str, Range] = {
    "rest of a freed seat, min": (15.0, 240.0),
    "rest of an expired hold, min": (1.0, 10.0),
    "~hold, min": (5.0, 10.0),
    "~night releases": (0.0, 0.3),
    "~offices of a world": (14.0, 51.0),
}
BROKERS: dict[str, Range] = {
    "B1 invalid": (0.60, 0.60),
    "B1 transfers": (0.50, 0.50),
    "~B1 bot": (0.5, 1.0),
    "B2 disposable": (0.0, 0.60),
    "B2 device reuse": (0.20, 0.80),
    "B2 transfers": (0.40, 0.40),
    "~B2 invalid": (0.2, 0.6),
    "~B2 bot": (0.6, 1.0),
    "B3 SIM sharing": (0.30, 0.90),
    "B3 bot": (0.10, 0.80),
    "~B3 transfers": (0.30, 0.60),
    "~B3 invalid": (0.1, 0.4),
    "~B4 bot": (0.4, 1.0),
    "~B4 invalid": (0.2, 0.6),
    "B5 own phone": (0.0, 0.40),
    "B5 own mailbox": (0.0, 0.40),
    "B5 bot": (0.0, 0.60),
    "B6 of their calls": (0.10, 0.30),
    "~B6 call on record": (0.0, 0.5),
    "~B6 at release": (0.3, 0.9),
    "~B7 no-show": (0.15, 0.45),
    "~refused changes": (0.03, 0.15),
    "~unsold": (0.10, 0.30),
    "~hosting": (0.1, 0.6),
    "~tries again within, s": (2.0, 90.0),
    "~reported": (0.0, 0.03),
}
BROKER_COUNTS = {
    "B1 accounts": (8, 18),
    "B1 devices": (2, 2),
    "B1 phones": (2, 2),
    "B2 accounts": (20, 45),
    "B2 each": (2, 5),
    "B2 SIMs": (4, 20),
    "B2 IPs": (6, 80),
    "~B2 devices": (2, 6),
    "B3 accounts": (25, 50),
    "B3 each": (1, 2),
    "B3 SIMs": (6, 25),
    "B4 accounts": (10, 20),
    "B4 re-holds": (4, 20),
    "~B4 seats": (12, 30),
    "B5 clients": (25, 60),
    "B5 devices": (1, 6),
    "B6 agents": (1, 2),
    "~B7 phones": (3, 7),
    "~B7 offices": (5, 12),
    "~offices": (1, 5),
}
GUIDE: dict[str, Range] = {**HONEST, **HONEST_COUNTS, **SUPPLY, **BROKERS, **BROKER_COUNTS}
HARD: dict[str, Range] = {
    "families": (0.25, 0.55),
    "aliased families": (0.01, 0.05),
    "father's surname": (0.65, 0.85),
    "twins": (0.012, 0.03),
    "helpers": (0.06, 0.12),
    "unrelated": (2, 8),
    "~registered helpers": (0.01, 0.03),
    "~neighbour people": (3, 14),
    "terminals": (0.02, 0.05),
    "terminal people": (15, 90),
    "terminal keeps cookie": (0.7, 1.0),
    "~terminal marked": (0.0, 0.2),
    "drives": (0.01, 0.05),
    "drive people": (12, 70),
    "phone": (0.10, 0.55),
    "rescheduled": (0.15, 0.30),
    "~watching": (0.3, 0.7),
    "~at release": (0.3, 0.6),
    "~night shift": (0.03, 0.10),
    "~autofill": (0.10, 0.30),
    "CGNAT prefixes": (12, 120),
    "no CURP": (0.10, 0.70),
    "~typing median, s": (40.0, 130.0),
    "~quick retake, s": (5.0, 300.0),
    "~CURP slip": (0.01, 0.06),
    "corrected": (0.03, 0.06),
    "rest of a freed seat, min": (1.0, 400.0),
    "rest of an expired hold, min": (0.0, 30.0),
    "B1 accounts": (6, 14),
    "B1 devices": (2, 8),
    "B1 phones": (2, 6),
    "B1 invalid": (0.1, 0.6),
    "B1 transfers": (0.1, 0.5),
    "~B1 bot": (0.0, 0.8),
    "B2 accounts": (12, 40),
    "B2 SIMs": (6, 30),
    "B2 transfers": (0.05, 0.40),
    "B2 device reuse": (0.0, 0.6),
    "~B2 bot": (0.2, 0.9),
    "~B2 invalid": (0.0, 0.4),
    "B3 SIM sharing": (0.2, 0.7),
    "B3 bot": (0.0, 0.5),
    "~B3 transfers": (0.1, 0.5),
    "~B3 invalid": (0.0, 0.2),
    "B4 re-holds": (2, 12),
    "~B4 bot": (0.0, 0.7),
    "B5 clients": (12, 50),
    "B5 devices": (1, 10),
    "B5 own phone": (0.2, 0.7),
    "B5 own mailbox": (0.2, 0.8),
    "B5 bot": (0.0, 0.4),
    "B6 of their calls": (0.05, 0.25),
    "~B6 call on record": (0.3, 0.8),
    "~hosting": (0.0, 0.3),
    "~tries again within, s": (5.0, 600.0),
    "~refused changes": (0.0, 0.08),
}


class Drawn:
    """One world's shares, drawn at once and in a fixed order, and the counts that its actors will draw."""

    def __init__(self, rng: Random, *, hard: bool) -> None:
        self.rng = rng
        self.table = GUIDE | HARD if hard else GUIDE
        self.shares = {name: rng.uniform(*span) for name, span in self.table.items() if isinstance(span[0], float)}

    def __getitem__(self, name: str) -> float:
        return self.shares[name]

    def chance(self, name: str) -> bool:
        return self.rng.random() < self.shares[name]

    def count(self, name: str) -> int:
        low, high = self.table[name]
        return self.rng.randint(int(low), int(high))

    def between(self, name: str) -> float:
        return self.rng.uniform(*self.table[name])
