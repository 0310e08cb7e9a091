"""The lawful lanes: registered helpers, help days and public computers, from the request to the end."""

import json
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from antifraud.lanes import devices, helping, needs
from antifraud.lanes.messages import helper_answered
from antifraud.lanes.personal_data import forget
from antifraud.models import Helper, HelperState, Lane, LaneDevice, Sighting
from appointments.links import receipt_path
from appointments.models import Appointment, CapOverride, Trace
from appointments.notifications.handlers import booked as tell_booked
from consulates.models import Role
from consulates.wording import local_day
from mexitel.outbox.models import OutgoingMessage
from mexitel.utils.browsers import Seen
from mexitel.utils.time import now as clock
from tests.factories import appointments as make
from tests.factories.accounts import UserFactory, sign_in
from tests.factories.staff import staff_with

pytestmark = pytest.mark.django_db
ASKED = {"name": "Ada Ríos", "organisation": "Biblioteca de El Paso", "place": "El Paso, TX", "pledge": "on"}


@pytest.fixture
def helper():
    return UserFactory(with_phone=True)


def registered(account):
    asked = helping.ask(account=account, name="Ada Ríos", organisation="", place="El Paso", now=clock())
    return helping.confirm(helper_id=asked.pk, reviewer=staff_with(Role.REVIEWER), why="La conocemos.", now=clock())


def test_from_the_request_to_fifteen_and_back(helper):
    own, desk = sign_in(Client(), helper), sign_in(Client(), staff_with(Role.REVIEWER))
    assert own.post(reverse("helper_own"), ASKED).status_code == 302
    asked = Helper.objects.get()
    assert "Ada Ríos" in desk.get(reverse("staff_helpers")).content.decode()
    page = reverse("staff_helper", args=[asked.pk])
    assert desk.post(page, {"accion": "registrar", "why": ""}).status_code == 422
    assert desk.post(page, {"accion": "registrar", "why": "La conocemos."}).url == page
    at = make.slot(seats=20)
    make.book(helper, at, 15)
    assert make.hold(helper, at).code == "lock_full"
    assert Sighting.objects.filter(kind="helper", account_id=helper.pk).count() == 1
    assert desk.post(page, {"accion": "retirar", "why": "Cobró."}).url == page
    assert "Cobró." in own.get(reverse("helper_own")).content.decode()
    assert CapOverride.objects.get().until <= clock()
    assert Appointment.objects.filter(status="booked").count() == 15
    assert make.hold(helper, at, now=clock()).code == "lock_full"


def test_without_a_verified_phone_nobody_registers():
    account = UserFactory()
    with pytest.raises(helping.PhoneMissing):
        helping.ask(account=account, name="-", organisation="", place="-", now=clock())
    page = sign_in(Client(), account).get(reverse("helper_own")).content.decode()
    assert reverse("account_phone") in page
    assert 'name="pledge"' not in page


def test_the_pledge_is_needed(helper):
    answer = sign_in(Client(), helper).post(reverse("helper_own"), ASKED | {"pledge": ""})
    assert answer.status_code == 422
    assert not Helper.objects.exists()


def test_one_request_at_a_time_decided_once_and_by_another(helper):
    asked = helping.ask(account=helper, name="-", organisation="", place="-", now=clock())
    with pytest.raises(helping.AskedAlready):
        helping.ask(account=helper, name="-", organisation="", place="-", now=clock())
    with pytest.raises(helping.OwnRequest):
        helping.confirm(helper_id=asked.pk, reviewer=helper, why="-", now=clock())
    helping.refuse(helper_id=asked.pk, reviewer=staff_with(Role.REVIEWER), why="-", now=clock())
    with pytest.raises(helping.DecidedAlready):
        helping.confirm(helper_id=asked.pk, reviewer=staff_with(Role.REVIEWER), why="-", now=clock())
    with pytest.raises(IntegrityError, match="helper_decided_by_another"), transaction.atomic():
        Helper.objects.filter(pk=asked.pk).update(decided_by=helper)
    assert helping.ask(account=helper, name="-", organisation="", place="-", now=clock())


def test_a_year_later_it_is_over_and_can_be_asked_for_again(helper):
    registered(helper)
    later = clock() + timedelta(days=366)
    assert not helping.helper_of(helper).stands(now=later)
    assert helping.ask(account=helper, name="-", organisation="", place="-", now=later)


def test_the_answer_is_told_once_by_mail_or_where_there_is_none_by_text(helper):
    no_mail = UserFactory(phone_alone=True)
    for account in (helper, no_mail):
        asked = registered(account)
        for _ in range(2):
            helper_answered(outbox_id=1, payload={"helper": asked.pk, "state": "confirmed"}, now=clock())
    told = OutgoingMessage.objects.filter(kind="helper.answered").order_by("id")

    assert list(told.values_list("channel", flat=True)) == ["mail", "sms"]
    assert "15" in json.loads(told[0].body)["text"]


def test_what_has_changed_since_is_not_told(helper):
    asked = registered(helper)
    helping.withdraw(helper_id=asked.pk, reviewer=staff_with(Role.REVIEWER), why="Cobró.", now=clock())
    helper_answered(outbox_id=1, payload={"helper": asked.pk, "state": "confirmed"}, now=clock())
    assert not OutgoingMessage.objects.filter(kind="helper.answered").exists()
    helper_answered(outbox_id=1, payload={"helper": asked.pk, "state": "withdrawn"}, now=clock())
    assert "Cobró." in json.loads(OutgoingMessage.objects.get(kind="helper.answered").body)["text"]


def test_whom_they_help_read_who_helped(helper):
    registered(helper)
    at = make.slot()
    [one] = make.book(helper, at, now=clock())
    appointment = Appointment.objects.get(pk=one)
    party = {"party": str(appointment.party_id), "appointments": [str(one)]}
    tell_booked(outbox_id=1, payload=party, now=clock())
    mail = OutgoingMessage.objects.exclude(channel="sms").latest("id")
    told = json.loads(mail.body)
    assert "Ada Ríos" in told["text"]
    assert "Ada Ríos" in told["html"]
    assert "Ada Ríos" in Client().get(receipt_path(appointment.party_id)).content.decode()
    [other] = make.book(make.account(), make.slot())
    plain = Client().get(receipt_path(Appointment.objects.get(pk=other).party_id)).content.decode()
    assert "Ada Ríos" not in plain


def test_a_deleted_account_leaves_no_name(helper):
    registered(helper)
    forget(helper, clock())
    one = Helper.objects.get()
    assert (one.state, one.name, one.place, CapOverride.objects.get().shown_name) == (HelperState.LEFT, "", "", "")


def test_devices_of_a_help_day_join_by_its_code_up_to_their_number():
    office, planner, now = make.office(), staff_with(Role.PLANNER), clock()
    today = local_day(now, office.time_zone)
    lane = devices.open_drive(
        office=office, day=today, place="Iglesia", organisation="", devices=2, by=planner, now=now
    )  # fmt: skip
    spoken = f" {lane.code[:3].lower()}-{lane.code[3:]} "
    devices.join(typed=spoken, device="a", now=now)
    devices.join(typed=spoken, device="a", now=now)
    devices.join(typed=spoken, device="b", now=now)
    with pytest.raises(devices.LaneFull):
        devices.join(typed=spoken, device="c", now=now)
    with pytest.raises(devices.CodeUnknown):
        devices.join(typed="XXXXXX", device="c", now=now)
    with pytest.raises(devices.CodeUnknown):
        devices.join(typed=spoken, device="c", now=now + timedelta(days=2))
    with pytest.raises(devices.DeviceUnknown):
        devices.join(typed=spoken, device="", now=now)
    assert [one.detail["devices"] for one in Sighting.objects.filter(kind="drive").order_by("pk")] == [
        ["a"],
        ["a", "b"],
    ]
    assert devices.lane_of("b", now=now) == lane
    devices.end(lane_id=lane.pk, by=planner, why="Llovió.", now=now)
    assert devices.lane_of("b", now=now) is None
    with pytest.raises(devices.EndedAlready):
        devices.end(lane_id=lane.pk, by=planner, why="Llovió.", now=now)


def test_an_office_opens_lists_and_ends_its_own_and_no_other():
    here, elsewhere = make.office(), make.office()
    planner = sign_in(Client(), staff_with(Role.PLANNER, here))
    asked = {"kind": "terminal", "office": here.pk, "place": "Biblioteca", "organisation": ""}
    assert planner.post(reverse("staff_lane_new"), asked | {"office": elsewhere.pk}).status_code == 422
    page = planner.post(reverse("staff_lane_new"), asked).url
    lane = Lane.objects.get()
    assert lane.code in planner.get(page).content.decode()
    assert "Biblioteca" in planner.get(reverse("staff_lanes")).content.decode()
    other = sign_in(Client(), staff_with(Role.PLANNER, elsewhere))
    assert other.get(page).status_code == 404
    assert "Biblioteca" not in other.get(reverse("staff_lanes")).content.decode()
    devices.join(typed=lane.code, device="kiosk", now=clock())
    assert Sighting.objects.get(kind="public_device").detail["device"] == "kiosk"
    assert planner.post(page, {"why": "Se cambió."}).url == page
    assert not Lane.objects.standing(now=clock()).exists()


def test_a_help_day_needs_a_day_and_devices():
    office = make.office()
    planner = sign_in(Client(), staff_with(Role.PLANNER, office))
    asked = {"kind": "drive", "office": office.pk, "place": "Iglesia", "devices": ""}
    answer = planner.post(reverse("staff_lane_new"), asked)
    assert set(answer.context["form"].errors) == {"day", "devices"}
    day = (clock() + timedelta(days=3)).date()
    asked |= {"devices": "3", "day_day": day.day, "day_month": day.month, "day_year": day.year}
    assert planner.post(reverse("staff_lane_new"), asked).status_code == 302


def test_the_code_is_typed_on_the_device(monkeypatch):
    monkeypatch.setattr("antifraud.lanes.views.devices.seen_of", lambda request: Seen("", "kiosk"))
    lane = devices.open_terminal(office=make.office(), place="Kiosco", organisation="", by=UserFactory(), now=clock())
    browser, page = Client(), reverse("device_join")
    assert browser.post(page, {"code": "nothing"}).status_code == 422
    assert browser.post(page, {"code": lane.code}).url == page
    assert "Kiosco" in browser.get(page).content.decode()
    assert LaneDevice.objects.get().device == "kiosk"


def test_more_than_eight_on_one_device_ask_for_a_code_unless_it_is_in_a_lane():
    at, now = make.slot(seats=9), clock()
    for _ in range(9):
        booker = make.account()
        [one] = make.book(booker, at)
        hold = Appointment.objects.get(pk=one).party_id
        Trace.objects.create(
            at=now, subject=hold, account_id=booker.pk, device="kiosk", prefix="", asn_kind="", fill_seconds=[]
        )
    booker = make.account()
    assert needs.standing_of(booker, device="kiosk", now=now).on_device == 9
    assert needs.standing_of(booker, device="other", now=now).on_device == 0
    lane = devices.open_terminal(office=make.office(), place="-", organisation="", by=UserFactory(), now=now)
    devices.join(typed=lane.code, device="kiosk", now=now)
    assert needs.standing_of(booker, device="kiosk", now=now).on_device == 0
