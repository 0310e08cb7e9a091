"""The bulk files by name: made once for everybody, and how old each may be."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta

from django.urls import reverse

from consulates.models import Release
from consulates.opendata import bulk
from consulates.opendata.supply import AFTER_OPENING, BEFORE_OPENING, Supply
from consulates.places import STATES
from mexitel.utils import published

OLDEST = timedelta(minutes=5)
AT_AN_OPENING = timedelta(seconds=1)
# A page that shows what is free.
PAGES_OLDEST = timedelta(seconds=5)
NDJSON, JSON = "application/fhir+ndjson", "application/json"
FOLDER = "datos/smart"
MANIFEST = f"{FOLDER}/$bulk-publish"
OPENINGS = f"{FOLDER}/aperturas.json"
TITLES = {"Location": "lugares", "HealthcareService": "tramites", "Schedule": "agendas", "Slot": "jornadas"}
KIND_OF = {title: kind for kind, title in TITLES.items()}


def name_of(kind: str, state: str) -> str:
    return f"{FOLDER}/{TITLES[kind]}{f'-{state.lower()}' if state else ''}.ndjson"


def is_file(title: str, state: str) -> bool:
    """Whether there can be such a file: ``state`` in small letters, empty for what is the same everywhere."""
    kind = KIND_OF.get(title)
    return kind == bulk.NETWORK if not state else kind not in (None, bulk.NETWORK) and state.upper() in STATES


def content(title: str, state: str, supply: Supply) -> bytes:
    return bulk.lines(bulk.of_kind(KIND_OF[title], supply, state.upper()))


def manifest(supply: Supply, now: datetime) -> bytes:
    return bulk.manifest(supply, now=now, address=f"/{MANIFEST}", name=name_of)


def well_known() -> bytes:
    """Where the manifest is, for programs that know the portal's address alone."""
    told = {
        "$bulk-publish": bulk.url(f"/{MANIFEST}"),
        "documentation": bulk.url(reverse("open_data")),
        "license": "https://creativecommons.org/licenses/by/4.0/",
    }
    return json.dumps(told, indent=1).encode()


def openings(now: datetime) -> bytes:
    """Moments of the next day at which places open: read in between without the database."""
    coming = Release.objects.announced(now=now).filter(opens_at__range=(now - AFTER_OPENING, now + timedelta(days=1)))
    return json.dumps(sorted(at.timestamp() for at in coming.values_list("opens_at", flat=True))).encode()


def oldest_of(title: str, now: datetime) -> timedelta:
    """How old a file may be: what is free, around an opening, a second."""
    return AT_AN_OPENING if title == TITLES["Slot"] and opens_near(now) else OLDEST


def oldest_page(now: datetime) -> timedelta:
    """How old a page may be that is made once for all strangers (mexitel/utils/public_pages.py)."""
    return AT_AN_OPENING if opens_near(now) else PAGES_OLDEST


def opens_near(now: datetime) -> bool:
    file = published.fresh(OPENINGS, oldest=OLDEST, make=openings, now=now)
    moments = (at - now.timestamp() for at in json.loads(file.content))
    return any(-AFTER_OPENING.total_seconds() <= left <= BEFORE_OPENING.total_seconds() for left in moments)


def write_all(*, now: datetime) -> int:
    """Every file anew, from one reading; how many."""
    files = dict(_all(now))
    for name, made in files.items():
        published.put(name, made, now=now)
    for file in published.path_of(FOLDER).glob("*.ndjson"):  # of a state that has nothing any more
        if f"{FOLDER}/{file.name}" not in files:
            file.unlink(missing_ok=True)
    return len(files)


def _all(now: datetime) -> Iterator[tuple[str, bytes]]:
    supply = Supply.read(now)
    yield MANIFEST, manifest(supply, now)
    yield OPENINGS, openings(now)
    yield name_of(bulk.NETWORK, ""), content(TITLES[bulk.NETWORK], "", supply)
    for state in supply.states:
        for kind in bulk.KINDS:
            if kind != bulk.NETWORK:
                yield name_of(kind, state), content(TITLES[kind], state, supply)
