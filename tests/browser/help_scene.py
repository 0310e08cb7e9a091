"""A week in an invented office, for the pictures of the help: somebody stands in each state that a page tells of."""

from dataclasses import dataclass, field
from datetime import timedelta

from django.conf import settings
from django.test import Client
from django.urls import reverse

from appointments.closing import acts, offers
from appointments.closing.acts import Reason
from appointments.models import GrantRule
from appointments.services import day as door
from consulates.access import access_of
from consulates.models import Consulate, Procedure, Role, Seat, Session
from consulates.services import recoveries
from mexitel.accounts import invitations
from mexitel.accounts.models import LinkPurpose, User
from mexitel.utils.time import now as clock
from tests.factories import appointments as make
from tests.factories.accounts import UserFactory, sign_in
from tests.factories.consulates import ConsulateFactory, PlaceFactory, ProcedureFactory
from tests.factories.day import a_day
from tests.factories.emergencies import Emergency
from tests.factories.tours import campaign, stop, tour
from tests.staff.console import Agent

STORM = Reason(es="Cerramos por la tormenta.", en="Closed because of the storm.")
ARRIVED, SERVING, ATTENDED = "arrived", "serving", "attended"
PEOPLE = ["Ana Sofía", "Luis Ángel", "Rosa María", "Eulalia", "Tomás", "Marisol", "Julián", "Carmen"]


@dataclass
class Week:
    office: Consulate
    practice: Consulate
    procedure: Procedure
    team: dict[Role, User] = field(default_factory=dict)
    addresses: dict[str, str] = field(default_factory=dict)

    def person(self, role: Role, email: str) -> User:
        """``email`` before the @ of the office's own domain."""
        user = UserFactory(staff=True, second_factor=False, email=f"{email}@consulado.example")
        office = None if role in Role.of_the_network() else self.office
        user.assignments.create(role=role, consulate=office, starts_at=clock() - timedelta(days=40), reason="Alta.")
        return user

    def at(self, name: str, *args: object) -> str:
        return reverse(name, args=args)


def a_week() -> Week:
    """Houston with people at its door, urgent requests, a closure with people to call, a tour and a campaign."""
    office = ConsulateFactory(code="houston", name_es="Consulado General de México en Houston")
    practice = ConsulateFactory(code="practica", is_practice=True, name_es="Oficina de práctica", city="Práctica")
    PlaceFactory()
    week = Week(office, practice, ProcedureFactory(code="passport", name_es="Pasaporte (adultos)"))
    week.team = {
        Role.OFFICE_MANAGER: week.person(Role.OFFICE_MANAGER, "gerencia"),
        Role.PLANNER: week.person(Role.PLANNER, "planeacion"),
        Role.NETWORK_COORDINATOR: week.person(Role.NETWORK_COORDINATOR, "red"),
        Role.ADMINISTRATOR: week.person(Role.ADMINISTRATOR, "sistemas"),
        Role.AUDITOR: week.person(Role.AUDITOR, "auditoria"),
    }
    for part in (_door, _coming_days, _closure, _urgent, _colleagues, _weekend_and_tour):
        part(week)
    return week


def _door(week: Week) -> None:
    day = a_day(office=week.office, seats=3, procedures=[week.procedure])
    week.team[Role.DESK_CLERK] = day.clerk
    booked = [day.one(place // 3, name=name, booker=UserFactory()) for place, name in enumerate(PEOPLE)]
    steps = [(ARRIVED, SERVING, ATTENDED), (ARRIVED, SERVING), (ARRIVED,), (ARRIVED,)]
    for appointment, taken in zip(booked, steps, strict=False):
        for step in taken:
            window = {"window": "3"} if step == SERVING else {}
            door.take_step(appointment_id=appointment.pk, to=step, by=day.clerk, now=day.now, **window)
    week.addresses["roster"] = week.at("staff_roster", week.office.code)


def _coming_days(week: Week) -> None:
    """Two published days, so that a caller hears times; two drafts for the planner."""
    for shift in (1, 2):
        _session(week, shift)
    for shift in (3, 4):
        _session(week, shift, status="draft", published_at=None)
    week.addresses["week"] = week.at("staff_week", week.office.code)
    week.addresses["planning"] = week.at("staff_planning", week.office.code)
    week.addresses["publish"] = week.at("staff_publish", week.office.code)


def _closure(week: Week) -> None:
    manager = week.team[Role.OFFICE_MANAGER]
    day = _session(week, 5, slots=2)
    for at, slot in enumerate(day.slots.order_by("starts_at")):
        for _ in range(2):
            make.book(booker := UserFactory(), slot)
            if at:
                User.objects.filter(pk=booker.pk).update(email_bounced_at=clock())
    now = clock()
    closure = acts.close(consulate=week.office, session_ids=[day.pk], reason=STORM, by=manager, now=now)
    acts.carry_out(closure.pk, now=now)
    offers.tend(now=now)
    week.addresses["closures"] = week.at("staff_closure", week.office.code, closure.pk)


def _urgent(week: Week) -> None:
    session = _session(week, 1, hour=21, seats=5, slots=2)
    Seat.objects.filter(slot__session=session, unit__lte=3).update(pool="emergency")
    officer = week.person(Role.OFFICE_MANAGER, "proteccion")
    scene = Emergency(week.office, week.procedure, session, officer)
    now = clock()
    scene.asked(account=UserFactory(), now=now)
    scene.asked(account=UserFactory(), kind="detention", now=now - timedelta(minutes=20))
    GrantRule.objects.create(consulate=week.office, daily_grants=0)
    ill = {"kind": "medical", "words": "Me operan el viernes y mi pasaporte venció."}
    asked = scene.taken(account=UserFactory(), now=now - timedelta(minutes=40), **ill)
    scene.grant(asked, reason="Receta y constancia del hospital vistas.", now=now - timedelta(minutes=5))
    week.addresses["emergencies"] = week.at("staff_emergencies")
    week.addresses["sign"] = week.at("staff_emergency_sign", asked.pk)
    week.addresses["grants"] = week.at("staff_grants", week.office.code)


def _colleagues(week: Week) -> None:
    now = clock()
    invited = week.person(Role.DESK_CLERK, "nueva.colega")
    invitations.send_link(user=invited, purpose=LinkPurpose.INVITATION, now=now - timedelta(hours=30))
    lost = week.person(Role.DESK_CLERK, "ventanilla")
    other = week.person(Role.OFFICE_MANAGER, "suplencia")
    opened = recoveries.open_recovery(
        access=access_of(other, now=now), user=lost, reason="Perdió su teléfono; vino en persona.", now=now
    )
    week.addresses["invite"] = week.at("staff_invite")
    week.addresses["person"] = week.at("staff_person", invited.pk)
    week.addresses["recovery"] = week.at("staff_recovery", opened.pk)
    week.addresses["audit"] = week.at("staff_audit")
    week.addresses["admin"] = week.at("admin:index")


def _weekend_and_tour(week: Week) -> None:
    for code, city in (("dallas", "Dallas"), ("el-paso", "El Paso"), ("laredo", "Laredo")):
        ConsulateFactory(code=code, city=city)
    weekend = campaign(by=week.team[Role.NETWORK_COORDINATOR], procedures=[week.procedure])
    route = tour(week.office, name="Costa de Texas")
    stop(route)
    week.addresses["campaigns"] = week.at("staff_campaign", weekend.slug)
    week.addresses["tours"] = week.at("staff_tour", week.office.code, route.pk)
    week.addresses["transfer"] = week.at("staff_transfer", week.office.code)


def _session(week: Week, days: int, *, hour: int = 15, seats: int = 4, slots: int = 6, **columns: object) -> Session:
    """At ``hour`` in UTC, so many days ahead."""
    starts_at = (clock() + timedelta(days=days)).replace(hour=hour, minute=0, second=0, microsecond=0)
    made = make.session(
        consulate=week.office, procedures=[week.procedure], seats=seats, slots=slots, starts_at=starts_at, **columns
    )
    kind = {5: "saturday", 6: "sunday"}.get(made.date.weekday(), "weekday")
    Session.objects.filter(pk=made.pk).update(kind=kind)
    return made


def caller_at_hand(week: Week) -> Client:
    """An agent with a registered caller who hears the soonest times."""
    agent = Agent(week.office)
    agent.register(phone="+12135550147")
    agent.wish(week.procedure)
    week.addresses["console"] = week.at("staff_console")
    week.addresses["urgent"] = week.at("staff_emergency_ask", agent.call.account_id)
    return agent.client


def signed_in(user: User) -> Client:
    return sign_in(Client(), user)


def cookie_of(client: Client) -> dict[str, str]:
    name = settings.SESSION_COOKIE_NAME
    return {"name": name, "value": client.cookies[name].value}
