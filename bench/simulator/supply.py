"""Offices, sessions and seats: released at announced moments, taken once, resting before they come back."""

from bisect import bisect
from collections import defaultdict
from dataclasses import dataclass
from heapq import heappop, heappush
from itertools import accumulate
from random import Random

from .ranges import Drawn

DAY, HOUR, MINUTE = 86400.0, 3600.0, 60.0
# Hours behind UTC and a weight for how many people an office serves.
OFFICES = {
    "los-angeles": (7, 10), "chicago": (5, 8), "houston": (5, 8), "dallas": (5, 8), "atlanta": (4, 5),
    "new-york": (4, 5), "phoenix": (7, 5), "san-francisco": (7, 4), "san-jose": (7, 3), "sacramento": (7, 4),
    "santa-ana": (7, 5), "san-diego": (7, 4), "san-bernardino": (7, 4), "fresno": (7, 3), "denver": (6, 4),
    "las-vegas": (7, 3), "seattle": (7, 3), "raleigh": (4, 4), "san-antonio": (5, 4), "austin": (5, 3),
    "el-paso": (6, 3), "mcallen": (5, 3), "salt-lake-city": (6, 2), "portland": (7, 2), "saint-paul": (5, 2),
    "indianapolis": (4, 2), "orlando": (4, 3), "miami": (4, 2), "kansas-city": (5, 2), "oxnard": (7, 2),
    "tucson": (7, 2), "nogales": (7, 1), "laredo": (5, 2), "brownsville": (5, 2), "albuquerque": (6, 1),
    "boise": (6, 1), "boston": (4, 1), "calexico": (7, 1), "del-rio": (5, 1), "detroit": (4, 1), "douglas": (7, 1),
    "eagle-pass": (5, 1), "little-rock": (5, 1), "milwaukee": (5, 1), "new-orleans": (5, 1), "omaha": (5, 1),
    "philadelphia": (4, 1), "presidio": (5, 1), "san-juan": (4, 1), "washington": (4, 2), "yuma": (7, 1),
}  # fmt: skip
ADULT = (("passport-adult-renewal", 35), ("consular-id-adult", 30), ("passport-adult-first", 20),
         ("ine-voter-card", 9), ("power-of-attorney-individual", 5), ("nationality-declaration", 1))  # fmt: skip
MINOR = (("passport-minor-first", 60), ("passport-minor-renewal", 22), ("consular-id-minor", 13),
         ("birth-registration", 5))  # fmt: skip
BOOKING_DAYS, LEAD_DAYS = 28, (12, 26)


def weighted(rng: Random, table) -> str:
    names, weights = zip(*table, strict=True)
    sums = list(accumulate(weights))
    return names[bisect(sums, rng.random() * sums[-1])]


def procedure(rng: Random, minor: bool) -> str:
    return weighted(rng, MINOR if minor else ADULT)


@dataclass(slots=True, eq=False)
class Seat:
    number: int
    slot: str
    office: str
    starts_at: float
    visible_at: float
    free: bool = True


class Supply:
    """Every seat of a world. Moments are seconds since the world began; office days are counted from there too."""

    def __init__(self, rng: Random, drawn: Drawn, appointments: int) -> None:
        self.rng = rng
        count = int(drawn["~offices of a world"])
        largest = sorted(OFFICES, key=lambda code: (-OFFICES[code][1] * rng.uniform(0.5, 1.5), code))
        self.offices = sorted(largest[:count])
        self.weights = [(code, OFFICES[code][1]) for code in self.offices]
        self.releases: dict[str, list[float]] = {}
        self.open: dict[str, dict[int, list[Seat]]] = {code: defaultdict(list) for code in self.offices}
        self.resting: dict[str, list[tuple[float, int, Seat]]] = {code: [] for code in self.offices}
        self.seats = 0
        self.slots = 0
        total = sum(weight for _, weight in self.weights)
        for code, weight in self.weights:
            self.plan(code, appointments * 1.6 * weight / total, drawn)

    def office(self) -> str:
        return weighted(self.rng, self.weights)

    def plan(self, office: str, seats: float, drawn: Drawn) -> None:
        """Sessions on weekdays, each released at once, ``lead`` days ahead; the first ones have been open for long."""
        behind, lead = OFFICES[office][0], self.rng.randint(*LEAD_DAYS)
        last = BOOKING_DAYS + lead
        days = [day for day in range(3, last) if day % 7 < 5]
        each = seats / len(days)
        self.releases[office] = []
        for day in days:
            hour = 1.0 if drawn.chance("~night releases") else self.rng.choice((9.0, 10.0, 12.0, 13.5, 16.0))
            opens = (day - lead) * DAY + (hour + behind) * HOUR + self.rng.choice((0, 0, 0, 900, 1800, 417))
            if opens >= 0:
                self.releases[office].append(opens)
            share = 1.0 if opens >= 0 else self.rng.uniform(0.3, 0.7)
            self.session(office, day * DAY + (8 + behind) * HOUR, opens, each * share)

    def session(self, office: str, begins: float, opens: float, seats: float) -> None:
        times = 12
        for place in range(times):
            self.slots += 1
            for _ in range(int(seats / times + self.rng.random())):
                self.seats += 1
                starts = begins + place * 30 * MINUTE
                seat = Seat(self.seats, f"s{self.slots}", office, starts, opens)
                heappush(self.resting[office], (opens, seat.number, seat))

    def settle(self, office: str, now: float) -> None:
        """Show the seats whose moment has come."""
        resting = self.resting[office]
        while resting and resting[0][0] <= now:
            _, _, seat = heappop(resting)
            self.open[office][int(seat.starts_at // DAY)].append(seat)

    def take(
        self, office: str, now: float, count: int = 1, *, ahead: float = 1.0, newest: bool = False, spread=False
    ) -> list[Seat]:
        """``count`` seats of one day at least ``ahead`` days away (of any days: ``spread``); fewer when there are none.

        ``newest`` takes what became visible last, otherwise people prefer the earlier days.
        """
        self.settle(office, now)
        days = [day for day, seats in sorted(self.open[office].items()) if seats and day * DAY > now + ahead * DAY]
        if spread:
            found = [self.take(office, now, 1, ahead=ahead, newest=newest) for _ in range(count)]
            return [seat for seats in found for seat in seats]
        enough = [day for day in days if len(self.open[office][day]) >= count] or days
        if not enough:
            return []
        if newest:
            day = max(enough, key=lambda day: max(seat.visible_at for seat in self.open[office][day]))
        else:
            day = enough[int(len(enough) * self.rng.random() ** 1.6)]
        seats = self.open[office][day]
        chosen = []
        for _ in range(min(count, len(seats))):
            place = self.freshest(seats) if newest else self.rng.randrange(len(seats))
            seats[place], seats[-1] = seats[-1], seats[place]
            chosen.append(seats.pop())
            chosen[-1].free = False
        return chosen

    def freshest(self, seats: list[Seat]) -> int:
        latest = max(seat.visible_at for seat in seats)
        return self.rng.choice([place for place, seat in enumerate(seats) if seat.visible_at == latest])

    def take_this(self, seat: Seat, now: float) -> bool:
        self.settle(seat.office, now)
        seats = self.open[seat.office][int(seat.starts_at // DAY)]
        if not seat.free or seat.visible_at > now or seat not in seats:
            return False
        seats.remove(seat)
        seat.free = False
        return True

    def give_back(self, seat: Seat, visible_at: float) -> None:
        seat.free, seat.visible_at = True, visible_at
        heappush(self.resting[seat.office], (visible_at, seat.number, seat))
