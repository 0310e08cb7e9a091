"""Lines of the bulk files. Source: SMART Scheduling Links, build.fhir.org/ig/HL7/smart-scheduling-links.

Every resource has the fields that the specification asks for; what we add are extensions, each described at its own
address (/datos/#disponibilidad and so on). The JSON Schemas of each stand in schemas/.
"""

import json
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from django.conf import settings
from django.urls import reverse

from consulates.models import Consulate, Procedure, Session
from consulates.opendata.supply import Day, Supply, place_of

BOOKING_LINK = "http://fhir-registry.smarthealthit.org/StructureDefinition/booking-deep-link"
KINDS = ("Location", "HealthcareService", "Schedule", "Slot")
NETWORK = "HealthcareService"  # the one kind that is the same in all states

Resource = dict[str, Any]


def url(path: str) -> str:
    return settings.PUBLIC_URL.rstrip("/") + path


def ours(name: str) -> str:
    """The address of an extension of our own."""
    return url(f"{reverse('open_data')}#{name}")


def moment(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")


def lines(resources: Iterable[Resource]) -> bytes:
    """NDJSON, minified."""
    rows = (json.dumps(one, ensure_ascii=False, separators=(",", ":")) + "\n" for one in resources)
    return "".join(rows).encode()


def of_kind(kind: str, supply: Supply, state: str) -> Iterator[Resource]:
    """``state`` is empty for what is the same in all."""
    if kind == NETWORK:
        yield from map(service, supply.procedures.values())
        return
    days = [day for day in supply.days if day.session.state == state]
    if kind == "Location":
        yield from _once(_locations(supply, days, state))
    elif kind == "Schedule":
        yield from _once(schedule(day.session, supply.procedures[code]) for day in days for code in day.procedures)
    else:
        yield from (slot(day, code) for day in days for code in day.procedures)


def _once(resources: Iterable[Resource]) -> Iterator[Resource]:
    seen = set()
    for one in resources:
        if one["id"] not in seen:
            seen.add(one["id"])
            yield one


def _locations(supply: Supply, days: Iterable[Day], state: str) -> Iterator[Resource]:
    yield from (office_location(office) for office in supply.offices if office.state == state)
    yield from (session_location(day.session) for day in days)


def office_location(office: Consulate) -> Resource:
    telecom = [{"system": "url", "value": url(reverse("office", args=[office.code]))}]
    if not office.address_is_known:  # an address that nobody has verified sends people to the wrong door
        return _location(office.code, office.name_es, office, telecom, exact=False)
    telecom += [{"system": "phone", "value": office.phone}] if office.phone else []
    return _location(office.code, office.name_es, office, telecom)


def session_location(session: Session) -> Resource:
    office = session.consulate
    if place_of(session) == office.code:
        return office_location(office)
    name = session.place_name or f"{office.name_es}: {session.city}"
    telecom = [{"system": "url", "value": url(reverse("office", args=[office.code]))}]
    return _location(place_of(session), name, session, telecom)


def _location(mark: str, name: str, place: Consulate | Session, telecom: list, *, exact: bool = True) -> Resource:
    """Without street and code where they are not known: the specification asks for both, people for true ones."""
    address: Resource = {"city": place.city, "state": place.state, "country": "US"}
    known = {"line": [place.street_address], "postalCode": place.postal_code} if exact else {}
    address = known | address
    return {
        "resourceType": "Location",
        "id": mark,
        "name": name,
        "telecom": telecom,
        "address": {key: value for key, value in address.items() if value not in ("", [""])},
        "position": {"latitude": float(place.latitude), "longitude": float(place.longitude)},
    }


def _coding(procedure: Procedure) -> list[Resource]:
    code = {"system": url(reverse("procedure_list")), "code": procedure.code, "display": procedure.name_es}
    return [{"coding": [code], "text": procedure.name_en}]


def service(procedure: Procedure) -> Resource:
    return {
        "resourceType": "HealthcareService",
        "id": procedure.code,
        "active": True,
        "name": procedure.name_es,
        "type": _coding(procedure),
        "telecom": [{"system": "url", "value": url(reverse("procedure", args=[procedure.code]))}],
    }


def schedule(session: Session, procedure: Procedure) -> Resource:
    place = place_of(session)
    return {
        "resourceType": "Schedule",
        "id": f"{place}.{procedure.code}",
        "serviceType": _coding(procedure),
        "actor": [
            {"reference": f"Location/{place}"},
            {"reference": f"HealthcareService/{procedure.code}"},
        ],
    }


def slot(day: Day, code: str) -> Resource:
    """A whole session for one procedure: what is left is none, few or many, never a number or an hour."""
    session = day.session
    page = reverse("office_day", args=[session.consulate.code, session.date])
    extension = [
        {"url": BOOKING_LINK, "valueUrl": url(f"{page}?tramite={code}")},
        {"url": ours("disponibilidad"), "valueCode": day.availability},
        {"url": ours("jornada"), "valueCode": session.kind},
    ]
    if day.opens_at:
        extension.append({"url": ours("abre"), "valueDateTime": moment(day.opens_at)})
    return {
        "resourceType": "Slot",
        "id": f"{session.pk}.{code}",
        "schedule": {"reference": f"Schedule/{place_of(session)}.{code}"},
        "status": day.status,
        "start": moment(session.starts_at),
        "end": moment(session.ends_at),
        "extension": extension,
    }


def manifest(supply: Supply, *, now: datetime, address: str, name: Any) -> bytes:
    """``name(kind, state)`` is the name of a file."""
    output: list[Resource] = [{"type": NETWORK, "url": url(f"/{name(NETWORK, '')}")}]
    for kind in KINDS:
        if kind != NETWORK:
            output += [
                {"type": kind, "url": url(f"/{name(kind, state)}"), "extension": {"state": [state]}}
                for state in supply.states
            ]
    told = {"transactionTime": moment(now), "request": url(address), "output": output}
    return json.dumps(told, indent=1).encode()
