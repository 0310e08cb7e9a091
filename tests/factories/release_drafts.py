"""Drafts of releases as staff write them, and their approval as the page does it: read, then announced as read."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta

from consulates.models import Consulate, Gate, Release, Role, Session
from consulates.releases.approving import approve, seal_of
from consulates.releases.drafting import choose_sessions, save_draft
from consulates.releases.moments import Terms
from consulates.releases.numbers import offices_of
from consulates.services import plan_session, publish_session
from mexitel.accounts.models import User
from tests.factories import appointments as make
from tests.factories import planning
from tests.factories.accounts import UserFactory
from tests.factories.appointments import NOW
from tests.factories.consulates import ConsulateFactory
from tests.factories.staff import LONG_AGO

# Far enough ahead of NOW, and of every session of ``sessions``.
OPENING = (NOW + timedelta(days=4)).date()
HOUR = timedelta(hours=1)


def signer(office: Consulate | None = None) -> User:
    """With an address that no booker has."""
    user = UserFactory(staff=True, second_factor=False, email=f"firma{next(make.numbers)}@example.com")
    user.assignments.create(role=Role.OFFICE_MANAGER, consulate=office or ConsulateFactory(), starts_at=LONG_AGO)
    return user


def terms(mode: Gate = Gate.QUEUE, **changes: object) -> Terms:
    """Opens at half past one; a queue or draw is joined two hours before, and anybody's a day later."""
    is_gated = mode != Gate.OPEN
    values = {
        "name": "Lugares de prueba",
        "name_en": "Test places",
        "mode": mode,
        "day": OPENING,
        "hour": time(13, 30),
        "joins_before": 2 * HOUR if is_gated else None,
        "gate_for": 24 * HOUR if is_gated else None,
        "phone_share": 10,
        "phone_for": 12 * HOUR,
    }
    return Terms(**(values | changes))


def sessions(office: Consulate, number: int = 1, **changes: object) -> list[Session]:
    """Drafts of two weeks later: four slots of two windows each."""
    passport = make.procedure()
    return [plan_session(planning.plan(office, passport, after=7 + n, **changes)) for n in range(number)]


def unopened(opens_at: datetime, office: Consulate | None = None) -> Session:
    """Published by itself, and bookable from ``opens_at`` on."""
    [session] = sessions(office or ConsulateFactory())
    publish_session(session, opens_at=opens_at, now=NOW)
    session.refresh_from_db()
    return session


def draft(
    *own: Session, mode: Gate = Gate.QUEUE, offices: Sequence[Consulate] = (), by: User | None = None, **changes: object
) -> Release:
    """With a session of an office of its own where none is given."""
    own = own or tuple(sessions(offices[0] if offices else ConsulateFactory()))
    offices = list({one.consulate_id: one.consulate for one in own}.values())
    by = by or planning.planner(offices[0])
    made = save_draft(terms(mode, **changes), offices=offices, by=by, now=NOW)
    ids = [one.pk for one in own]
    choose_sessions(made, chosen=ids, among=ids, by=by, now=NOW)
    return Release.objects.get(pk=made.pk)


def read(made: Release) -> str:
    """The seal of the page that shows it."""
    found = Release.objects.get(pk=made.pk)
    own = list(found.sessions.all())
    return seal_of(found, own, offices_of(found, own))


def announce(made: Release, *, by: User | None = None, now: datetime = NOW, shown: str = "") -> Release:
    return approve(made, shown=shown or read(made), by=by or signer(), now=now)
