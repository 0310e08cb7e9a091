"""Invented Mexican families, and their forms filled in twice by different hands.

Names come from Faker's es_MX lists, given names and surnames with a steep frequency as in life, three people in five
with two given names. The lists are cut in two halves that share no name: one to learn from, one to report on.
CURPs follow the person, as the registry makes them; a mark for homonyms keeps those of twins apart.
"""

import random
from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta

from faker.providers.person.es_MX import Provider
from stdnum.mx import curp as stdnum_curp

from antifraud.curp import Identity, derive_curp
from antifraud.matching.records import Record

STATES = ["AS", "DF", "GT", "GR", "HG", "JC", "MC", "MN", "OC", "PL", "QT", "SL", "VZ", "ZS", "NE"]
STREETS = ["Maple", "Oak", "Cedar", "Main", "Washington", "Elm", "Lake", "Hill", "Juniper", "Sunset", "Alameda"]
ENDINGS = ["Street", "Avenue", "Drive", "Lane", "Court"]
CITIES = ["Houston", "Dallas", "Chicago", "Fresno", "Phoenix", "Raleigh", "Denver", "Omaha", "Tucson", "Laredo"]
CITY_STATES = ["TX", "TX", "IL", "CA", "AZ", "NC", "CO", "NE", "AZ", "TX"]
ENGLISH = str.maketrans("áéíóúüñ", "aeiouun")


@dataclass(frozen=True)
class Member:
    """One true person; ``family`` and ``role`` (parent, child) say who belongs to whom."""

    person: int
    family: int
    role: str
    twin: bool
    record: Record


class Registry:
    """Draws families from one half of the names; equal seeds give equal families."""

    def __init__(self, *, half: int, seed: int, twins: float = 0.012) -> None:
        self.random = random.Random(f"{half} {seed}")
        self.twins = twins
        self.people = self.families = 0
        self.homonyms: Counter[str] = Counter()
        self.given = {"M": _half(Provider.first_names_male, half), "F": _half(Provider.first_names_female, half)}
        self.surnames = _half(Provider.last_names, half)
        self.random.shuffle(self.surnames)

    def family(self) -> list[Member]:
        self.families += 1
        father, mother = ((self._surname(), self._surname()) for _ in range(2))
        address, self.state = self._address(), self.random.choice(STATES)
        born = date(1960, 1, 1) + timedelta(days=self.random.randrange(11_000))
        members = [
            self._member("parent", *father, self._near(born, 5), "M", address, set()),
            self._member("parent", *mother, self._near(born, 5), "F", address, set()),
        ]
        names: set[str] = set()
        stepfather = self._surname() if self.random.random() < 0.1 else father[0]
        born += timedelta(days=self.random.randrange(6_700, 12_000))
        for _ in range(self.random.choice([1, 2, 2, 3, 3, 4, 5])):
            first = self.random.choice([father[0], stepfather])
            at_once = 2 if self.random.random() < self.twins else 1
            for _ in range(at_once):
                sex = self.random.choice("FM")
                child = self._member("child", first, mother[0], born, sex, address, names, twin=at_once == 2)
                members.append(child)
            born += timedelta(days=self.random.randrange(320, 1_500))
        return members

    def _member(self, role, first, second, born, sex, address, names, *, twin=False) -> Member:
        self.people += 1
        given = self._given(sex, names)
        identity = Identity(given, first, second, born, sex, self.state)
        record = Record(f"p{self.people}", given, first, second, born.isoformat(), sex, self._curp(identity), *address)
        return Member(self.people, self.families, role, twin, record)

    def _given(self, sex: str, taken: set[str]) -> str:
        """Parents never give one name twice, but they like to repeat half of it."""
        while True:
            names = [self._steep(self.given[sex])]
            if self.random.random() < 0.6:
                names.append(self._steep(self.given[sex]))
            full = " ".join(dict.fromkeys(names))
            if full not in taken:
                taken.add(full)
                return full

    def _curp(self, identity: Identity) -> str:
        """The registry gives no CURP twice: its mark for homonyms counts up."""
        derived = derive_curp(identity)
        mark = ("0123456789" if identity.birth_date.year < 2000 else "ABCDEFGHIJ")[self.homonyms[derived]]
        self.homonyms[derived] += 1
        return derived + mark + stdnum_curp.calc_check_digit(derived + mark)

    def _surname(self) -> str:
        return self._steep(self.surnames)

    def _steep(self, names: list[str]) -> str:
        return names[int(len(names) * self.random.random() ** 2.5)]

    def _near(self, day: date, years: int) -> date:
        return day + timedelta(days=self.random.randrange(-365 * years, 365 * years))

    def _address(self) -> tuple[str, str, str, str, str]:
        street = self.random.choice(STREETS) + self.random.choice(["", "wood", "field"])
        place = self.random.randrange(len(CITIES))
        postal = f"{60_000 + 3_000 * place + self.random.randrange(90)}"
        number = str(self.random.randrange(1, 9_999))
        return number, f"{street} {self.random.choice(ENDINGS)}", CITIES[place], postal, CITY_STATES[place]


def _half(names, half: int) -> list[str]:
    return [name for name in sorted({" ".join(name.split()) for name in names}) if sum(map(ord, name)) % 2 == half]


def retyped(member: Member, hand: random.Random) -> Record:
    """The same person's form a year later: on average one and a half things are different."""
    record = member.record
    for change in hand.sample(CHANGES, k=hand.choice([0, 1, 1, 2, 2, 3])):
        record = change(record, hand)
    return record._replace(record_id=f"{record.record_id}-again")


def typo(text: str, hand: random.Random) -> str:
    """One letter wrong, missing, too many, or two exchanged."""
    if len(text) < 3:
        return text
    i = hand.randrange(len(text) - 1)
    letter = hand.choice("abcdefghijklmnopqrstuvwxyz" if not text[i].isdigit() else "0123456789")
    return hand.choice(
        [text[:i] + letter + text[i + 1 :], text[:i] + text[i + 1 :], text[:i] + letter + text[i:],
         text[:i] + text[i + 1] + text[i] + text[i + 2 :]]
    )  # fmt: skip


def _mistype(*fields: str):
    def change(record: Record, hand: random.Random) -> Record:
        field = hand.choice(fields)
        return record._replace(**{field: typo(getattr(record, field), hand)})

    return change


def _leave_out(*fields: str):
    return lambda record, hand: record._replace(**{hand.choice(fields): ""})


def _one_given_name(record: Record, hand: random.Random) -> Record:
    return record._replace(given_names=hand.choice(record.given_names.split()))


def _abbreviate(record: Record, hand: random.Random) -> Record:
    return record._replace(given_names=record.given_names.replace("María", "Ma.").replace("José", "J."))


def _without_accents(record: Record, hand: random.Random) -> Record:
    return Record(*(cell.translate(ENGLISH) for cell in record))


def _day_for_month(record: Record, hand: random.Random) -> Record:
    year, month, day = record.birth_date[:4], record.birth_date[5:7], record.birth_date[8:]
    return record._replace(birth_date=f"{year}-{day}-{month}") if "01" <= day <= "12" else record


def _other_sex(record: Record, hand: random.Random) -> Record:
    return record._replace(sex="F" if record.sex == "M" else "M") if hand.random() < 0.1 else record


def _surnames_exchanged(record: Record, hand: random.Random) -> Record:
    return record._replace(surname_1=record.surname_2, surname_2=record.surname_1)


def _moved(record: Record, hand: random.Random) -> Record:
    return record._replace(
        street_number=str(hand.randrange(1, 9_999)),
        street=f"{hand.choice(STREETS)} {hand.choice(ENDINGS)}",
        postal_code=str(hand.randrange(60_000, 90_000)),
    )


CHANGES = [
    _mistype("given_names"),
    _mistype("surname_1", "surname_2"),
    _mistype("document_id", "birth_date"),
    _mistype("street", "locality", "postal_code"),
    _leave_out("surname_2"),
    _leave_out("document_id", "birth_date", "sex"),
    _leave_out("street_number", "postal_code"),
    _one_given_name,
    _abbreviate,
    _without_accents,
    _day_for_month,
    _other_sex,
    _surnames_exchanged,
    _moved,
]
