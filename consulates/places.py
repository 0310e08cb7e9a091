"""What people type as a place becomes a point on the map, without asking any other service.

Centroids come from the ``zipcodes`` package through the table Place: no web process holds 40 MB of them.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from .models import Consulate, Place, PlaceKind

MAX_TYPED = 80
STATES = {
    "AL": "Alabama",
    "AK": "Alaska",
    "AZ": "Arizona",
    "AR": "Arkansas",
    "CA": "California",
    "CO": "Colorado",
    "CT": "Connecticut",
    "DE": "Delaware",
    "DC": "District of Columbia",
    "FL": "Florida",
    "GA": "Georgia",
    "HI": "Hawaii",
    "ID": "Idaho",
    "IL": "Illinois",
    "IN": "Indiana",
    "IA": "Iowa",
    "KS": "Kansas",
    "KY": "Kentucky",
    "LA": "Louisiana",
    "ME": "Maine",
    "MD": "Maryland",
    "MA": "Massachusetts",
    "MI": "Michigan",
    "MN": "Minnesota",
    "MS": "Mississippi",
    "MO": "Missouri",
    "MT": "Montana",
    "NE": "Nebraska",
    "NV": "Nevada",
    "NH": "New Hampshire",
    "NJ": "New Jersey",
    "NM": "New Mexico",
    "NY": "New York",
    "NC": "North Carolina",
    "ND": "North Dakota",
    "OH": "Ohio",
    "OK": "Oklahoma",
    "OR": "Oregon",
    "PA": "Pennsylvania",
    "PR": "Puerto Rico",
    "RI": "Rhode Island",
    "SC": "South Carolina",
    "SD": "South Dakota",
    "TN": "Tennessee",
    "TX": "Texas",
    "UT": "Utah",
    "VT": "Vermont",
    "VA": "Virginia",
    "WA": "Washington",
    "WV": "West Virginia",
    "WI": "Wisconsin",
    "WY": "Wyoming",
    "GU": "Guam",
    "VI": "Virgin Islands",
}
STATE_NAMES_ES = {
    "carolina del norte": "NC",
    "carolina del sur": "SC",
    "dakota del norte": "ND",
    "dakota del sur": "SD",
    "distrito de columbia": "DC",
    "luisiana": "LA",
    "nueva jersey": "NJ",
    "nueva york": "NY",
    "nuevo hampshire": "NH",
    "nuevo mexico": "NM",
    "pensilvania": "PA",
    "virginia occidental": "WV",
}
# Names in Spanish that no office carries.
TOWNS_ES = {"nuevo brunswick": ("new brunswick", "NJ"), "san pablo": ("saint paul", "MN")}


class PlaceUnknown(Exception):
    """``sentence`` says what to type instead."""

    def __init__(self, code: str, sentence: str | Promise) -> None:
        super().__init__(code)
        self.code = code
        self.sentence = sentence


class Point(NamedTuple):
    """A place to a hundredth of a degree, which is about a ZIP code. Its text ("34.06,-118.24") stands in addresses and
    forms, so that a seat that is taken tells how far somebody travels for it.
    """

    latitude: float
    longitude: float

    @classmethod
    def at(cls, latitude: float, longitude: float) -> "Point":
        return cls(round(latitude, 2), round(longitude, 2))

    @classmethod
    def from_text(cls, text: str) -> "Point":
        """Raises ValueError for what is no such text."""
        if not re.fullmatch(r"\d{1,2}\.\d{1,2},-?\d{1,3}\.\d{1,2}", text, re.ASCII):
            raise ValueError("not a point")
        latitude, _comma, longitude = text.partition(",")
        return cls(float(latitude), float(longitude))

    def as_text(self) -> str:
        return f"{self.latitude:.2f},{self.longitude:.2f}"


def point_text(text: str) -> str:
    """A Point's text as it stands in addresses and forms; empty for what is none, which nobody has to be told."""
    try:
        return Point.from_text(text).as_text()
    except ValueError:
        return ""


@dataclass(frozen=True)
class Found:
    """``name`` is what to call the place; ``others`` are places of the same name, to offer instead. A state's point is
    only its middle.
    """

    name: str
    latitude: float
    longitude: float
    others: tuple[str, ...] = ()
    is_state: bool = False

    @property
    def point(self) -> Point:
        return Point.at(self.latitude, self.longitude)


def fold(text: str) -> str:
    """Lower case without accents, signs and double spaces: "Los Ángeles," and "los angeles" are one."""
    plain = unicodedata.normalize("NFKD", text)
    plain = "".join(character for character in plain if not unicodedata.combining(character))
    words = re.sub(r"[^a-z0-9]+", " ", plain.casefold()).split()
    return " ".join("saint" if word in {"st", "snt"} else word for word in words)


STATE_KEYS = {fold(name): code for code, name in STATES.items()} | STATE_NAMES_ES


def find_place(typed: str) -> Found:
    """The place meant by ``typed``: a ZIP code, a town with or without its state, or a state. One query.

    Raises PlaceUnknown with a sentence for the person.
    """
    key = fold(typed[:MAX_TYPED])
    if not key:
        raise PlaceUnknown("empty", _("Type a ZIP code or the name of a city."))
    # A ZIP+4 folds to "90012 1234".
    if re.fullmatch(r"[\d ]+", key):
        return _find_zip(key.split()[0])
    return _find_town(key)


def _find_zip(digits: str) -> Found:
    if len(digits) != 5:
        raise PlaceUnknown("zip_shape", _("A ZIP code has five digits, for example 90012."))
    place = Place.objects.filter(kind=PlaceKind.ZIP, key=digits).first()
    if place is None:
        raise PlaceUnknown("zip_unknown", _("We do not know that ZIP code. Check it, or type the name of your city."))
    return Found(f"{place.key} ({place.name}, {place.state})", place.latitude, place.longitude)


def _readings(key: str) -> Iterator[tuple[str, str]]:
    """(town, state) as the words may be meant: "kansas city mo", "portland oregon", "el paso"."""
    words = key.split()
    for count in (1, 2, 3):
        head, tail = " ".join(words[:-count]), " ".join(words[-count:])
        state = tail.upper() if tail.upper() in STATES else STATE_KEYS.get(tail)
        if head and state:
            yield head, state
    yield key, ""
    if key in STATE_KEYS:
        yield fold(STATES[STATE_KEYS[key]]), ""


def _find_town(key: str) -> Found:
    readings = list(_readings(key))
    rows = list(
        Place.objects.filter(kind__in=[PlaceKind.TOWN, PlaceKind.STATE], key__in={town for town, _state in readings})
    )
    for town, state in readings:
        fitting = [row for row in rows if row.key == town and state in ("", row.state)]
        fitting.sort(key=lambda row: (row.kind != PlaceKind.TOWN, -row.weight, row.state))
        if fitting:
            best, *others = fitting
            names = tuple(f"{row.name}, {row.state}" for row in others if row.kind == PlaceKind.TOWN)
            return Found(_called(best), best.latitude, best.longitude, names[:5], best.kind == PlaceKind.STATE)
    raise PlaceUnknown(
        "town_unknown",
        _("We do not know that place. Type the ZIP code, or the city and its state: “Reno, NV”."),
    )


def _called(place: Place) -> str:
    return place.name if place.kind == PlaceKind.STATE else f"{place.name}, {place.state}"


class PlaceRow(NamedTuple):
    """A row for the table Place; eighty thousand model instances would take seconds to make."""

    kind: str
    key: str
    name: str
    state: str
    latitude: float
    longitude: float
    weight: int = 1


def places_of_the_package() -> Iterator[PlaceRow]:
    """Every ZIP code, town (under each accepted name) and state of the ``zipcodes`` package."""
    import zipcodes  # kept out of the web processes: its table takes 40 MB

    towns: dict[tuple[str, str], list[tuple[float, float, str, int]]] = defaultdict(list)
    states: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for tens in range(100):
        for row in zipcodes.similar_to(f"{tens:02}"):
            latitude, longitude = float(row["lat"] or 0), float(row["long"] or 0)
            if row["state"] not in STATES or not (latitude and longitude):
                continue
            yield PlaceRow(PlaceKind.ZIP, row["zip_code"], row["city"], row["state"], latitude, longitude)
            if row["active"]:
                states[row["state"]].append((latitude, longitude))
                towns[fold(row["city"]), row["state"]].append((latitude, longitude, row["city"], 1))
                for name in row["acceptable_cities"]:
                    towns[fold(name), row["state"]].append((latitude, longitude, name, 0))
    for (key, state), points in towns.items():
        own = [point for point in points if point[3]] or points
        latitude, longitude = _middle([(point[0], point[1]) for point in own])
        yield PlaceRow(PlaceKind.TOWN, key, own[0][2], state, latitude, longitude, sum(point[3] for point in points))
    for state, centres in states.items():
        yield PlaceRow(PlaceKind.STATE, fold(STATES[state]), STATES[state], state, *_middle(centres))


def places_of_the_offices(known: dict[tuple[str, str], PlaceRow]) -> Iterator[PlaceRow]:
    """The offices' cities under their Spanish names, so that "Nueva York" and "Filadelfia" are found.

    ``known`` holds the towns of the package by key and state.
    """
    spanish = dict(TOWNS_ES)
    for name_es, city, state in Consulate.objects.real().values_list("name_es", "city", "state"):
        spanish[fold(name_es.rpartition(" en ")[2])] = (fold(city), state)
    for key, (english, state) in spanish.items():
        town = known.get((english, state))
        if town and (key, state) not in known:
            yield PlaceRow(PlaceKind.TOWN, key, town.name, state, town.latitude, town.longitude, town.weight)


def _middle(points: list[tuple[float, float]]) -> tuple[float, float]:
    latitudes, longitudes = zip(*points, strict=True)
    return round(sum(latitudes) / len(points), 5), round(sum(longitudes) / len(points), 5)
