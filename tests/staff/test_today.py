"""The first page of staff: what waits, for whom, in which offices, and how many queries it asks."""

from datetime import timedelta
from itertools import count

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from appointments.models import Closure, EmergencyRequest
from appointments.models.closure import ClosureKind, ClosureState
from appointments.services import day as door
from consulates import today, todays_work
from consulates.access import access_of
from consulates.models import Answer, CampaignOffice, Recovery, Role, Session
from consulates.roles import PERMISSIONS, May
from consulates.today import SHOWN, Asked, Kind, Line, first_few, work_of
from mexitel.accounts import invitations
from mexitel.accounts.models import LinkPurpose, StaffLink
from mexitel.utils.time import now as clock
from tests.closing.scene import tend, town
from tests.factories import appointments as make
from tests.factories.accounts import UserFactory, sign_in
from tests.factories.consulates import ConsulateFactory
from tests.factories.day import a_day
from tests.factories.emergencies import emergency
from tests.factories.staff import staff_with
from tests.factories.tours import campaign

pytestmark = pytest.mark.django_db
numbers = count(1)


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


@pytest.fixture
def office():
    return make.office()


def work(user, *, practice=False):
    now = clock()
    return work_of(Asked(access_of(user, now=now), now, practice))


def lines(user, title, **more):
    return work(user, **more).get(title, [])


def invited(office, *, ends_in):
    """A planner who has not come in yet."""
    now = clock()
    user = staff_with(Role.PLANNER, office)
    link = invitations.send_link(user=user, purpose=LinkPurpose.INVITATION, now=now)
    StaffLink.objects.filter(pk=link.pk).update(created_at=now - timedelta(hours=48), expires_at=now + ends_in)
    return user


def closure_of(office, by):
    return Closure.objects.create(
        kind=ClosureKind.CLOSE,
        state=ClosureState.WAITING,
        consulate=office,
        session_ids=[next(numbers)],
        counted=60,
        reason_es="Tormenta.",
        reason_en="Storm.",
        created_at=clock(),
        created_by=by,
    )


def recovery_of(office):
    now = clock()
    return Recovery.objects.create(
        user=staff_with(Role.PLANNER, office),
        reason="Lost the phone.",
        opened_by=staff_with(Role.OFFICE_MANAGER, office),
        opened_at=now,
        expires_at=now + timedelta(hours=20),
    )


def proposed(scene):
    asked = scene.asked(account=UserFactory())
    EmergencyRequest.objects.filter(pk=asked.pk).update(
        status="to_sign", proposed_by=staff_with(Role.OFFICE_MANAGER, scene.office), proposal={"slot": 1}
    )
    return asked


def draft(office, days=3):
    starts_at = clock() + timedelta(days=days)
    place = f"Sede {next(numbers)}"
    return make.session(consulate=office, starts_at=starts_at, place_name=place, status="draft", published_at=None)


def test_clerk_sees_the_day_of_their_office_with_who_waits(office):
    day = a_day(office=office)
    arrived = day.one(0, booker=UserFactory())
    day.one(1, booker=UserFactory())
    door.take_step(appointment_id=arrived.pk, to="arrived", by=day.clerk, now=day.now)
    a_day(office=ConsulateFactory())

    [line] = lines(day.clerk, "Today in the office")

    assert line.text.startswith(office.name)
    assert line.note == "On the roster: 2 · Waiting: 1 · Being served: 0 · Were attended: 0 · Have not come: 0"
    assert line.href == f"{reverse('staff_roster', args=[office.code])}?jornada={day.session.pk}"


def test_yesterday_and_tomorrow_are_not_today(office):
    day = a_day(office=office)
    for shift in (-1, 1):
        Session.objects.filter(pk=day.session.pk).update(date=day.session.date + timedelta(days=shift))
        assert lines(day.clerk, "Today in the office") == []


def test_officer_sees_urgent_requests_with_their_clock_and_the_late_one_first(office):
    scene = emergency(office=office)
    scene.asked()
    late = scene.asked(account=UserFactory())
    EmergencyRequest.objects.filter(pk=late.pk).update(answer_by=clock() - timedelta(minutes=5))

    first, second = lines(scene.officer, "Urgent requests")

    assert (first.urgent, second.urgent) == (True, False)
    assert first.href == reverse("staff_emergency", args=[late.pk])
    assert first.note.startswith("Late; answer by ")
    assert " left; answer by " in second.note


def test_signature_waits_for_another_person_than_the_one_who_asked_for_it(office):
    asking, signing = staff_with(Role.OFFICE_MANAGER, office), staff_with(Role.OFFICE_MANAGER, office)
    closure = closure_of(office, asking)
    seat = proposed(emergency(office=office))
    lost = recovery_of(office)
    EmergencyRequest.objects.filter(pk=seat.pk).update(proposed_by=asking)
    Recovery.objects.filter(pk=lost.pk).update(opened_by=asking)

    assert [line.href for line in lines(signing, "Waiting for your signature")] == [
        reverse("staff_recovery", args=[lost.pk]),
        reverse("staff_emergency_sign", args=[seat.pk]),
        reverse("staff_closure_sign", args=[office.code, closure.pk]),
    ]
    assert lines(asking, "Waiting for your signature") == []


def test_manager_sees_how_many_of_a_closure_are_left_to_call():
    place = town(room=0, days=())
    place.people([1, 1])
    place.people([1], contact=False)
    closure = place.close()
    tend()
    to_call = closure.orphans.filter(state__in=["to_call", "no_seat"]).count()

    [line] = lines(place.manager(), "People who lost their time")

    assert to_call > 1
    assert line.text == f"{to_call} people to call"
    assert line.href == reverse("staff_closure", args=[place.office.code, closure.pk])


def test_manager_sees_invitations_that_end_and_not_those_with_time_left(office):
    over, soon = invited(office, ends_in=-timedelta(hours=1)), invited(office, ends_in=timedelta(hours=3))
    invited(office, ends_in=timedelta(hours=40))
    invited(ConsulateFactory(), ends_in=timedelta(hours=3))

    found = lines(staff_with(Role.OFFICE_MANAGER, office), "Colleagues")

    assert [(line.text, line.note, line.urgent) for line in found] == [
        (f"Invitation of {over.email}", "the link has ended: send it again", True),
        (f"Invitation of {soon.email}", "the link ends in 3 hours", False),
    ]


def test_manager_sees_roles_that_end_soon_by_their_last_day(office):
    midnight = clock().replace(hour=7, minute=0, second=0, microsecond=0) + timedelta(days=5)  # in Denver, or 1 a.m.
    ending = staff_with(Role.PLANNER, office, ends_at=midnight)
    staff_with(Role.PLANNER, office, ends_at=clock() + timedelta(days=60))

    [line] = lines(staff_with(Role.OFFICE_MANAGER, office), "Colleagues")

    assert line.text == f"{ending.email}: Planner"
    assert ending.assignments.get().last_day in {(midnight - timedelta(days=1)).date(), midnight.date()}


def test_planner_sees_weekends_that_the_office_has_not_confirmed(office):
    weekend = campaign()
    planner = staff_with(Role.PLANNER, office)

    [line] = lines(planner, "To plan and to publish")

    assert line.href == reverse("staff_campaign_office", args=[office.code, weekend.slug])
    CampaignOffice.objects.filter(consulate=office).update(answer=Answer.CONFIRMED, answered_at=clock())
    assert lines(planner, "To plan and to publish") == []


def test_planner_sees_drafts_of_the_next_weeks(office, monkeypatch):
    monkeypatch.setattr(todays_work, "address", lambda name, *arguments: f"/{name}/")
    for days in (3, 9, 60):
        draft(office, days)
    draft(ConsulateFactory())

    [line] = lines(staff_with(Role.PLANNER, office), "To plan and to publish")

    assert line.text == "2 draft sessions"
    assert line.note.startswith(office.city)


def test_practice_office_shows_its_own_work_alone_and_only_there(office):
    day = a_day(office=office)
    practice = ConsulateFactory(code="practica", is_practice=True)
    a_day(office=practice)

    assert [line.text.split(",")[0] for line in lines(day.clerk, "Today in the office")] == [office.name]
    assert [line.text.split(",")[0] for line in lines(day.clerk, "Today in the office", practice=True)] == [
        practice.name
    ]


def test_page_follows_the_office_at_hand(client, office):
    day = a_day(office=office)
    practice = ConsulateFactory(code="practica", is_practice=True)
    sign_in(client, day.clerk)

    assert f"{office.code}/dia/" in client.get(reverse("staff_home")).content.decode()
    client.get(reverse("staff_office", args=[practice.code]))
    assert f"{office.code}/dia/?jornada" not in client.get(reverse("staff_home")).content.decode()


@pytest.mark.parametrize("role", list(Role))
def test_nobody_is_shown_what_their_role_may_not_open(client, role, office):
    """Every link of the page answers, and each kind asks for a permission of the role."""
    scene = emergency(office=office)
    scene.asked()
    proposed(scene)
    a_day(office=office, starts=timedelta(hours=-2), slots=2)
    closure_of(office, staff_with(Role.OFFICE_MANAGER, office))
    recovery_of(office)
    invited(office, ends_in=timedelta(hours=3))
    campaign()
    draft(office)
    user = staff_with(role, None if role in Role.of_the_network() else office)
    sign_in(client, user)

    found = [line for below in work(user).values() for line in below]

    assert [(line.href, client.get(line.href).status_code) for line in found if _status(client, line) != 200] == []
    assert bool(found) == bool(PERMISSIONS[role] - {May.SEE, May.REVIEW, May.TRANSFER, May.AUDIT, May.ADMIN})


def _status(client, line):
    return client.get(line.href).status_code


def test_control_a_kind_that_asks_for_another_permission_is_left_out(monkeypatch, office):
    clerk = staff_with(Role.DESK_CLERK, office)
    shown = Kind(1, "Shown", (May.DESK,), lambda asked: [Line("a", "/a")])
    hidden = Kind(2, "Hidden", (May.CLOSE, May.AUDIT), lambda asked: [Line("b", "/b")])
    monkeypatch.setattr(today, "KINDS", [hidden, shown])

    assert list(work(clerk)) == ["Shown"]


def test_rows_of_other_offices_stay_out_of_a_kind_that_forgets_to_filter(monkeypatch, office):
    other = ConsulateFactory()
    sessions = {a_day(office=one).session.consulate_id for one in (office, other)}
    seen = Kind(1, "All", (May.DESK,), lambda asked: [Line(str(s.consulate_id), "/") for s in Session.staff.all()])
    monkeypatch.setattr(today, "KINDS", [seen])

    assert sessions == {office.pk, other.pk}
    assert [line.text for line in work(staff_with(Role.DESK_CLERK, office))["All"]] == [str(office.pk)]


def test_many_of_a_kind_are_a_few_and_a_link_to_the_rest():
    made = [Line(str(number), f"/{number}", urgent=number == SHOWN) for number in range(SHOWN + 2)]

    shown = first_few(made, "/all")

    assert shown == [*made[:SHOWN], Line("2 more", "/all", urgent=True)]
    assert first_few(made, "") == made


def fill(office, scene):
    """One more row of every kind."""
    manager = staff_with(Role.OFFICE_MANAGER, office)
    a_day(office=office, place_name=f"Sede {next(numbers)}").one(0, booker=UserFactory())
    scene.asked(account=UserFactory())
    proposed(scene)
    closure_of(office, manager)
    recovery_of(office)
    invited(office, ends_in=timedelta(hours=3))
    staff_with(Role.PLANNER, office, ends_at=clock() + timedelta(days=3))
    draft(office)


def test_as_many_queries_for_three_rows_of_each_kind_as_for_one(client, office):
    scene = emergency(office=office)
    campaign()
    sign_in(client, staff_with(Role.OFFICE_MANAGER, office))
    fill(office, scene)
    client.get(reverse("staff_home"))

    with CaptureQueriesContext(connection) as once:
        client.get(reverse("staff_home"))
    fill(office, scene)
    fill(office, scene)
    with CaptureQueriesContext(connection) as thrice:
        page = client.get(reverse("staff_home")).content.decode()

    assert len(thrice) == len(once)
    assert page.count("Sede") >= 3


def test_each_kind_asks_one_query(office):
    scene = emergency(office=office)
    campaign()
    fill(office, scene)
    now = clock()
    for role in (Role.OFFICE_MANAGER, Role.ADMINISTRATOR, Role.NETWORK_COORDINATOR):
        user = staff_with(role, None if role in Role.of_the_network() else office)
        asked = Asked(access_of(user, now=now), now)
        held = [kind for kind in today.KINDS if any(asked.access.may(one) for one in kind.may)]
        with CaptureQueriesContext(connection) as queries:
            work_of(asked)
        assert len(queries) <= len(held), (role, [query["sql"][:120] for query in queries])


def test_page_without_work_says_so(client):
    sign_in(client, staff_with(Role.AUDITOR, ConsulateFactory()))

    assert "No tiene pendientes." in client.get(reverse("staff_home")).content.decode()
