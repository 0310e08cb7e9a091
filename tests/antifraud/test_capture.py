"""What the edge sees of a booker, and where it stays: the mark of a browser, a network, how long a form took."""

from datetime import timedelta

import pytest
from django.db import ProgrammingError, connection, transaction
from django.http import HttpResponse
from django.test import RequestFactory
from django.urls import reverse

from antifraud.models import Sighting
from appointments.drafts import load_draft
from appointments.errors import SlotFull
from appointments.models import Appointment, Trace
from appointments.services import confirm_hold, hold_seats
from appointments.services.hold import Wish
from appointments.views.attending import SHOWN
from mexitel.utils import networks, retention
from mexitel.utils.browsers import COOKIE, BrowserMark, Seen, new_mark, seen_of
from tests.accounts.conftest import *  # noqa: F403 - the code that was sent
from tests.appointments.test_booking_pages import ADA, book, citizen, fill, hold, scene  # noqa: F401 - fixtures
from tests.factories import appointments as make
from tests.factories.appointments import NOW, offered

pytestmark = pytest.mark.django_db


def answered(look, **cookies):
    """What ``look`` saw of a request with these cookies, and the cookie that the answer sets."""
    request = RequestFactory().get("/", REMOTE_ADDR="203.0.113.77")
    request.COOKIES.update(cookies)
    seen = []
    response = BrowserMark(lambda asked: seen.append(look(asked)) or HttpResponse())(request)
    return seen[0], response.cookies.get(COOKIE)


def test_a_browser_is_known_once_it_brings_its_mark_back():
    first, cookie = answered(seen_of)
    again, none = answered(seen_of, **{COOKIE: cookie.value})
    _other, another = answered(seen_of)

    assert first == Seen("203.0.113.0/24", "")
    assert (len(again.device), again.prefix, none) == (32, "203.0.113.0/24", None)
    assert again.device not in cookie.value
    assert (cookie["httponly"], cookie["samesite"], cookie["max-age"]) == (True, "Lax", 180 * 86400)
    assert cookie.value != another.value


def test_a_forged_mark_is_none():
    _, cookie = answered(seen_of)
    seen, fresh = answered(seen_of, **{COOKIE: "0" * 32 + cookie.value[32:]})
    assert seen.device == ""
    assert fresh is not None


def test_a_shared_computer_gets_a_mark_that_ends_with_the_browser():
    _, cookie = answered(seen_of)
    shared, fresh = answered(lambda request: new_mark(request, lasts=False), **{COOKIE: cookie.value})
    known, _ = answered(seen_of, **{COOKIE: cookie.value})
    assert fresh["max-age"] == ""
    assert shared.device not in ("", known.device)


def test_pages_that_are_only_read_set_no_mark(client, scene):  # noqa: F811
    for name in ("home", "search"):
        assert COOKIE not in client.get(reverse(name)).cookies
    assert COOKIE in client.get(reverse("sign_in")).cookies


def test_ipv6_is_kept_as_a_56():
    request = RequestFactory().get("/", REMOTE_ADDR="2001:db8:1:2ff::7")
    assert seen_of(request).prefix == "2001:db8:1:200::/56"


def test_operators_can_say_what_kind_a_network_is(settings, tmp_path):
    assert networks.kind_of("203.0.113.0/24") == "unknown"
    file = tmp_path / "kinds.csv"
    file.write_text("203.0.0.0/16,mobile\n203.0.113.0/24,hosting\n2001:db8::/32,education\n")
    settings.NETWORK_KINDS = str(file)
    assert [networks.kind_of(one) for one in ("203.0.113.0/24", "203.0.5.0/24", "198.51.100.0/24")] == [
        "hosting", "mobile", "unknown",
    ]  # fmt: skip
    assert networks.kind_of("2001:db8:1:200::/56") == "education"


def test_a_booking_on_the_web_leaves_a_trace_of_its_hold_and_of_its_confirmation(client, scene, citizen):  # noqa: F811
    held, _ = hold(client, scene)
    client.get(reverse("hold_person", args=[held.pk, 1]))
    session = client.session
    session[SHOWN] = session[SHOWN] | {"1.1": session[SHOWN]["1.1"] - 40}
    session.save()
    fill(client, held, ADA)
    client.post(reverse("hold_check", args=[held.pk]))

    first, second = Trace.objects.order_by("at")
    assert {first.subject, second.subject} == {held.pk}
    assert first.prefix == second.prefix == "203.0.113.0/24"
    assert first.fill_seconds == []
    assert (first.device, len(second.device)) == ("", 32)  # known once it had come back
    assert 40 <= second.fill_seconds[0] < 60


def test_a_form_that_was_never_shown_was_typed_since_the_hold_at_the_longest(client, scene, citizen):  # noqa: F811
    book(client, scene, ADA)  # posts at once, as a program does
    assert Trace.objects.latest("at").fill_seconds[0] < 5


def test_somebody_saved_is_not_measured(client, scene, citizen):  # noqa: F811
    book(client, scene, ADA)
    held, _ = hold(client, scene, session=scene.second)
    fill(client, held, {"applicant": Appointment.objects.get().applicant_id})
    assert load_draft(citizen)[1][0].fill_seconds is None


def test_nothing_is_noted_when_nothing_was_seen_and_a_refusal_leaves_none():
    booker, at = make.account(), make.slot(seats=1)
    hold_seats(account=booker, wishes=[Wish(at.pk, 1)], procedure_id=offered(at).pk, now=NOW)
    with pytest.raises(SlotFull):
        hold_seats(
            account=make.account(), wishes=[Wish(at.pk, 1)], procedure_id=offered(at).pk, now=NOW,
            client=Seen("203.0.113.0/24", "ab" * 16),
        )  # fmt: skip
    assert not Trace.objects.exists()


def traced():
    seen, now = Seen("203.0.113.0/24", "ab" * 16), NOW
    booker, at = make.account(), make.slot(seats=1)
    held = hold_seats(account=booker, wishes=[Wish(at.pk, 1)], procedure_id=offered(at).pk, now=now, client=seen)
    confirm_hold(
        account=booker, hold_id=held.hold_id, people=[[make.entry(fill_seconds=12.5)]], today=at.session.date, now=now,
        client=seen,
    )  # fmt: skip
    return held.hold_id


def test_network_and_browser_are_forgotten_each_in_its_time():
    traced()
    tables = {"appointments_trace"}
    kept = []
    for days in (90, 91, 180, 181):
        retention.apply(now=NOW + timedelta(days=days), tables=tables)
        kept.append({(trace.prefix, trace.device) for trace in Trace.objects.all()})
    device = "ab" * 16
    assert kept == [{("203.0.113.0/24", device)}, {("", device)}, {("", device)}, {("", "")}]


def test_retention_tells_two_months_of_one_table_apart():
    """Rows of two months may have the same place in their tables: only the old one is made empty."""
    with connection.cursor() as cursor:
        for at in (NOW, NOW + timedelta(days=62)):
            cursor.execute(
                "INSERT INTO appointments_trace SELECT %s, gen_random_uuid(), 1, '', '203.0.113.0/24', 'unknown', '{}'"
                " FROM generate_series(1, 200)",
                [at],
            )
        cursor.execute("SELECT count(*) - count(DISTINCT ctid) FROM appointments_trace")
        assert cursor.fetchone()[0] > 0
    retention.apply(now=NOW + timedelta(days=100), tables={"appointments_trace"})
    assert [trace.prefix for trace in Trace.objects.order_by("at")] == 200 * [""] + 200 * ["203.0.113.0/24"]


def test_a_trace_cannot_be_written_anew():
    traced()
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        Trace.objects.update(account_id=7)
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        Trace.objects.all().delete()


def test_a_sign_up_is_heard_with_keys_alone(client, sent, django_capture_on_commit_callbacks):
    client.get(reverse("sign_in"))
    client.post(reverse("sign_in"), {"email": "planted.name+x@gmail.com"})
    with django_capture_on_commit_callbacks(execute=True):
        client.post(reverse("sign_in_code"), {"code": sent.code()})
    found = Sighting.objects.get(kind="register")
    assert set(found.detail) == {"channel", "mailbox", "domain", "shape", "disposable", "prefix", "asn_kind", "device"}
    assert "planted" not in str(found.detail)
    assert "gmail" not in str(found.detail)
