"""The release calendar: pages and files for everybody, and the page of whoever answers the telephone."""

from appointments.announcing.asking import ask
from consulates.announcing.signed import sign_announcement
from consulates.models import AnnouncementKind, Release
from tests.factories import appointments as make
from tests.factories import releases
from tests.factories.appointments import NOW
from tests.staff.matrix import AGENTS, Open, Staff, World


def of_release(world: World) -> dict:
    return {"release_id": releases.release(make.session(consulate=world.office)).pk}


def signed(world: World) -> dict:
    found = of_release(world)
    for kind in AnnouncementKind:
        sign_announcement(Release.objects.get(pk=found["release_id"]), kind=kind, now=NOW)
    return found


def in_spanish(world: World) -> dict:
    return of_release(world) | {"language": "es"}


def of_office(world: World) -> dict:
    return {"language": "es", "code": world.office.code}


def an_alert(world: World) -> dict:
    alert = ask(account=make.account(), consulate=world.office, procedure=None, hour_before=False, now=NOW)
    return {"code": alert.code}


ROWS = {
    "releases": Open(),
    "releases_subscribe": Open(),
    "release_posters": Open(kwargs=of_release),
    "release_announcement": Open(kwargs=signed),
    "release_cancellation": Open(kwargs=signed),
    "release_delivered": Open(kwargs=of_release),
    "release_delivered_file": Open(kwargs=of_release),
    "release_picture": Open(kwargs=in_spanish),
    "poster_preview": Open(kwargs=in_spanish),
    "poster": Open(kwargs=lambda world: in_spanish(world) | {"paper": "a4"}),
    "office_picture": Open(kwargs=of_office),
    "releases_ics": Open(kwargs=of_office),
    "releases_atom": Open(kwargs=of_office),
    "tours_ics": Open(kwargs=lambda world: {"language": "es", "state": "tx"}),
    "tours_atom": Open(kwargs=lambda world: {"language": "es", "state": "tx"}),
    "tours_of_state": Open(kwargs=lambda world: {"state": "tx"}),
    "release_alerts": Open(),
    "release_alert_stop": Open(kwargs=an_alert),
    "api_release_alerts": Open(),
    "api_release_alert": Open(kwargs=lambda world: {"alert_id": "6f1c2a52-8a0e-4a38-9d4e-0c6d0f1b7a11"}),
    "staff_console_alerts": Staff(get=AGENTS, post=AGENTS),
}
