"""Mailboxes, telephones, cookies and networks. Every number and address lies in a range that nobody can have."""

from random import Random

from .curp import plain, words
from .names import Person
from .ranges import Drawn
from .supply import weighted

DOMAINS = (("gmail.com", 55), ("hotmail.com", 14), ("yahoo.com", 10), ("outlook.com", 7), ("icloud.com", 5),
           ("live.com.mx", 2), ("yahoo.com.mx", 3), ("prodigy.net.mx", 1), ("aol.com", 1), ("msn.com", 1),
           ("proton.me", 1))  # fmt: skip
RELAYS = ("privaterelay.appleid.com", "duck.com", "mozmail.com", "simplelogin.com", "anonaddy.me")
DISPOSABLE = ("mailinator.com", "guerrillamail.com", "yopmail.com", "10minutemail.com", "trashmail.com",
              "temp-mail.org", "sharklasers.com", "getnada.com", "maildrop.cc", "dispostable.com")  # fmt: skip
WORDS = words(
    "reina luna sol chivas aguila rosa estrella morena flaca gordo guero norteno mixteco jalisco zacatecas oaxaca"
    " puebla toro lobo princesa amor bebe jefe chapis lupita nena toyota trokas"
)
AREAS = (213, 323, 312, 773, 713, 832, 214, 972, 404, 470, 212, 917, 602, 480, 415, 408, 916, 714, 619, 909, 559, 303,
         702, 206, 919, 210, 512, 915, 956, 801, 503, 651, 317, 407, 305, 816, 805, 520)  # fmt: skip
LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"


class Contacts:
    """Gives each mailbox, number, cookie and address out once."""

    def __init__(self, rng: Random, drawn: Drawn) -> None:
        self.rng = rng
        self.drawn = drawn
        self.given: set[str] = set()
        self.carriers = [self.fresh(self.carrier) for _ in range(drawn.count("CGNAT prefixes"))]
        self.carrier_sums = [1 / (rank + 4) for rank in range(len(self.carriers))]

    def fresh(self, make) -> str:
        while (value := make()) in self.given:
            pass
        self.given.add(value)
        return value

    def letters(self, count: int) -> str:
        return "".join(self.rng.choices(LETTERS, k=count))

    def device(self) -> str:
        return self.fresh(lambda: f"{self.rng.getrandbits(64):016x}")

    def phone(self) -> str:
        def make() -> str:
            if self.rng.random() < 0.04:
                return f"+52{self.rng.choice((33, 55, 81))}555{self.rng.randint(0, 99999):05d}"
            return f"+1{self.rng.choice(AREAS)}555{self.rng.randint(0, 9999):04d}"

        return self.fresh(make)

    def typed(self, phone: str) -> str:
        """As a person types it: one in three leaves the country out or sets it apart."""
        way = self.rng.random()
        if not phone.startswith("+1") or way < 0.67:
            return phone
        area, exchange, last = phone[2:5], phone[5:8], phone[8:]
        return [f"({area}) {exchange}-{last}", f"{area}{exchange}{last}", f"{area}-{exchange}-{last}"][int(way * 3) % 3]

    def mailbox(self, person: Person) -> str:
        if self.drawn.chance("relay"):
            return self.fresh(lambda: f"{self.letters(10)}@{self.rng.choice(RELAYS)}")
        return self.fresh(lambda: f"{self.local_part(person)}@{weighted(self.rng, DOMAINS)}")

    def local_part(self, person: Person) -> str:
        first = plain(person.given).split()[0].lower()
        last = plain(person.first).replace(" ", "").lower()
        year, few = person.born[2:4], self.rng.randint(1, 9999)
        shapes = (f"{first}.{last}{few % 100}", f"{first}{last}{year}", f"{first[0]}{last}{few}", f"{last}.{first}",
                  f"{first}_{few}", f"{self.rng.choice(WORDS)}{few}", f"{first}{self.rng.choice(WORDS)}{year}",
                  f"{last}{first[0]}{year}")  # fmt: skip
        return self.rng.choice(shapes)

    def carrier(self) -> str:
        return f"100.{self.rng.randint(64, 127)}.{self.rng.randint(0, 255)}.0/24"

    def home(self) -> tuple[str, str]:
        """A household line: mostly a /24 that a few neighbours share, sometimes an IPv6 /56 of its own."""
        if self.rng.random() < 0.2:
            high, low = self.rng.randint(1, 65535), self.rng.randint(0, 255)
            return f"2001:db8:{high:x}:{low << 8:x}::/56", "residential"
        return f"10.{self.rng.randint(0, 15)}.{self.rng.randint(0, 255)}.0/24", "residential"

    def hosting(self) -> tuple[str, str]:
        return f"198.{self.rng.randint(18, 19)}.{self.rng.randint(0, 255)}.0/24", "hosting"

    def network(self) -> tuple[str, str]:
        """Where somebody honest comes from: a carrier's shared address or a line at home, seldom something else."""
        if self.drawn.chance("CGNAT"):
            return self.rng.choices(self.carriers, self.carrier_sums)[0], "mobile"
        if self.rng.random() < 0.015:
            return self.hosting()
        if self.rng.random() < 0.02:
            return f"172.16.{self.rng.randint(0, 40)}.0/24", "education"
        return self.home()
