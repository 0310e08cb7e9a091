"""What people must know now stands wherever they would go by it, and reaches nobody whom it does not concern."""

import json
from datetime import timedelta

import pytest
from django.conf import settings
from django.urls import reverse

from appointments.links import receipt_path
from appointments.models import Appointment, Hold
from appointments.notifications import handlers, reminders
from appointments.services import confirm_hold, hold_seats
from appointments.services.hold import Wish
from consulates.models import Notice, Role
from consulates.services.notices import post_notice
from mexitel.outbox.models import OutgoingMessage
from mexitel.utils.time import now as clock
from tests.appointments.booking_scene import Scene, account, office, outbox, procedure, today_at
from tests.factories.accounts import UserFactory, sign_in
from tests.factories.consulates import ConsulateFactory
from tests.factories.scenes import book_ada, houston
from tests.factories.staff import staff_with

pytestmark = pytest.mark.django_db
SPANISH, ENGLISH = "Cerrado por <b>tormenta</b> & viento", "Closed by a <b>storm</b> & wind"
PAGES = ["office", "office_day", "search", "hold_person", "hold_check", "move", "mine", "appointment", "receipt"]


def post(office=None, *, starts=-1, ends=1, now=None, **changes):
    now = now or clock()
    values = {
        "level": "urgent", "title_es": SPANISH, "title_en": ENGLISH, "text_es": "Hoy no.", "text_en": "Not today.",
        "starts_at": now + timedelta(hours=starts), "ends_at": now + timedelta(hours=ends),
        "by": UserFactory(staff=True, second_factor=False), "now": now,
    }  # fmt: skip
    return post_notice(office=office, **values | changes)


class World:
    """Ada has an appointment in Houston, and holds another seat there."""

    def __init__(self, client):
        self.client, self.scene, self.citizen = client, houston(), UserFactory()
        sign_in(client, self.citizen)
        self.booked = book_ada(self.citizen, self.scene)
        slot = self.scene.second.slots.order_by("starts_at").first()
        hold_seats(account=self.citizen, wishes=[Wish(slot.pk, 1)], procedure_id=self.scene.adults.pk, now=clock())
        self.held = Hold.objects.exclude(outcome="confirmed").get()

    def get(self, page, language="es"):
        code, query = self.scene.office.code, f"?tramite={self.scene.adults.code}"
        if page == "hold_check":
            self.fill()
        address = {
            "office": lambda: reverse("office", args=[code]),
            "office_day": lambda: reverse("office_day", args=[code, self.scene.first.date]) + query,
            "search": lambda: reverse("search") + f"{query}&lugar=77002",
            "hold_person": lambda: reverse("hold_person", args=[self.held.pk, 1]),
            "hold_check": lambda: reverse("hold_check", args=[self.held.pk]),
            "move": lambda: reverse("appointment_move", args=[self.booked.pk]),
            "mine": lambda: reverse("my_appointments"),
            "appointment": lambda: reverse("appointment", args=[self.booked.pk]),
            "receipt": lambda: receipt_path(self.booked.party_id),
        }[page]()
        self.client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
        answer = self.client.get(address)
        assert answer.status_code == 200, (page, answer.status_code)
        return answer.content.decode()

    def fill(self):
        typed = {
            "given_names": "Eva", "surname_1": "Sol", "surname_2": "", "birth_date_day": "1", "birth_date_month": "2",
            "birth_date_year": "1990",
        }  # fmt: skip
        self.client.post(reverse("hold_person", args=[self.held.pk, 1]), typed)


@pytest.fixture
def world(client, db):
    return World(client)


def escaped(text):
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


@pytest.mark.parametrize("page", PAGES)
def test_a_notice_of_the_office_stands_on_its_pages_in_both_languages(world, page):
    post(world.scene.office)

    spanish, english = world.get(page), world.get(page, "en")
    assert escaped(SPANISH) in spanish
    assert escaped(ENGLISH) not in spanish
    assert escaped(ENGLISH) in english
    assert "<b>tormenta" not in spanish


@pytest.mark.parametrize("page", PAGES)
def test_a_notice_of_the_network_stands_there_too(world, page):
    post(None)

    assert escaped(SPANISH) in world.get(page)


@pytest.mark.parametrize("page", PAGES)
def test_a_notice_of_another_office_one_to_come_and_one_that_is_over_do_not(world, page):
    post(ConsulateFactory(city="Reno", state="NV"))
    for facts in [{"starts": 1, "ends": 2}, {"starts": -2, "ends": -1}]:
        post(world.scene.office, **facts)
        post(None, **facts)
    ended = post(world.scene.office)
    Notice.objects.filter(pk=ended.pk).update(ended_at=clock())

    assert "tormenta" not in world.get(page)


@pytest.mark.parametrize(("seconds", "shown"), [(-1, False), (0, True), (3599, True), (3600, False)])
def test_it_is_shown_from_its_start_until_just_before_its_end(db, seconds, shown):
    starts = clock()
    made = post(None, now=starts, starts=0, ends=1)

    assert (made in Notice.objects.in_force(now=starts + timedelta(seconds=seconds))) is shown


NOW = today_at(12)


@pytest.fixture
def told(db):
    return Scene(account(), office(), procedure(), NOW)


def book(told, days=20):
    session = told.session(NOW.date() + timedelta(days=days))
    [pk] = told.book(told.slot(session))
    return session, Appointment.objects.get(pk=pk)


def booked(told):
    book(told)
    handlers.booked(outbox_id=1, payload=outbox("appointment.booked")[-1], now=NOW)


def moved(told):
    session, own = book(told)
    held = hold_seats(
        account=told.account, wishes=[Wish(told.slot(session, 2).pk, 1)], procedure_id=told.procedure.pk,
        replaces=[own.pk], now=NOW,
    )  # fmt: skip
    confirm_hold(account=told.account, hold_id=held.hold_id, people=[], today=session.date, now=NOW)
    handlers.moved(outbox_id=1, payload=outbox("appointment.moved")[-1], now=NOW)


def reminded(told):
    book(told, days=5)
    reminders.put_due_in_outbox(now=NOW + timedelta(hours=10))
    handlers.reminder(outbox_id=1, payload=outbox("reminder")[-1], now=NOW)


def mail():
    return json.loads(OutgoingMessage.objects.filter(channel="mail").latest("pk").body)


@pytest.mark.parametrize("say", [booked, moved, reminded])
@pytest.mark.parametrize(("language", "words"), [("es", SPANISH), ("en", ENGLISH)])
def test_mails_carry_it_in_the_language_of_the_account(told, say, language, words):
    told.account.language = language
    told.account.save()
    post(told.office, now=NOW)
    say(told)

    assert words in mail()["text"]
    assert escaped(words) in mail()["html"]
    assert "<b>" not in mail()["html"]


@pytest.mark.parametrize("say", [booked, moved, reminded])
def test_mails_carry_no_notice_of_another_office_nor_one_that_is_over(told, say):
    post(office(code="other"), now=NOW)
    post(told.office, now=NOW, starts=-2, ends=-1)
    say(told)

    assert "tormenta" not in mail()["text"] + mail()["html"]


@pytest.mark.parametrize("role", [Role.PLANNER, Role.OFFICE_MANAGER])
def test_whoever_plans_one_office_posts_and_ends_none_of_the_network(client, role):
    own = ConsulateFactory()
    sign_in(client, staff_with(role, own))
    standing = post(None)

    assert client.post(reverse("staff_network_notices"), {}).status_code == 403
    assert client.post(reverse("staff_network_notice_end", args=[standing.pk])).status_code == 403
    assert client.post(reverse("staff_notice_end", args=[own.code, standing.pk])).status_code == 404
    standing.refresh_from_db()
    assert standing.ended_at is None


def test_whoever_plans_the_network_ends_it(client):
    sign_in(client, staff_with(Role.NETWORK_COORDINATOR))
    standing = post(None)
    client.post(reverse("staff_network_notice_end", args=[standing.pk]))

    assert not Notice.objects.in_force(now=clock()).exists()
