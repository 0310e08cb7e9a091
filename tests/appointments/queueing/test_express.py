"""Joining past the framework: the same ticket as by the page, and whatever is not a good pass is the page's."""

from datetime import timedelta
from io import BytesIO
from urllib.parse import urlencode

import pytest
from django.conf import settings as portal_settings
from django.urls import reverse

from appointments.allocation import drawing
from appointments.guards import StepUpNeeded
from appointments.models import QueueTicket
from appointments.queueing.express import FIELD, VALID_FOR, ExpressJoin, pass_for
from appointments.queueing.joining import join
from mexitel.utils.browsers import NOTHING
from mexitel.utils.time import now as clock
from tests.factories import appointments as make
from tests.factories import queues
from tests.factories.accounts import sign_in
from tests.factories.blocks import blocked as block
from tests.factories.queues import ticket

pytestmark = pytest.mark.django_db
SESSION = "s" * 32


def queue():
    """With the office's promise, which whoever comes first by the page would make."""
    made = queues.queue()
    drawing.commit(made, clock())
    return made


def good_pass(account, made, **changes):
    facts = {"session": SESSION, "client": NOTHING, "now": clock()} | changes
    return pass_for(account=account, release_id=made.pk, **facts)


class Press:
    """The button's request: what came back, and what the page's own way was given instead."""

    def __init__(self, made, sealed, *, session=SESSION, body=None, **fields):
        body = body or urlencode({FIELD: sealed, **fields}).encode()
        self.to_page = None
        self.status = ""
        self.headers = {}
        environ = {
            "REQUEST_METHOD": "POST",
            "PATH_INFO": f"/aperturas/{made.pk}/fila/entrar/",
            "CONTENT_LENGTH": str(len(body)),
            "HTTP_COOKIE": f"{portal_settings.SESSION_COOKIE_NAME}={session}; otra=1",
            "wsgi.input": BytesIO(body),
        }
        ExpressJoin(self.page)(environ, self.start)

    def page(self, environ, start_response):
        self.to_page = environ["wsgi.input"].read()
        return []

    def start(self, status, headers):
        self.status, self.headers = status, dict(headers)


@pytest.mark.parametrize("contacts", [{}, {"phone": "+12135550199"}])
def test_the_ticket_is_the_one_that_the_page_gives(contacts):
    account, by_page, express = make.account(**contacts), queue(), queue()
    assert join(account=account, release_id=by_page.pk, now=clock(), remind=True)
    pressed = Press(express, good_pass(account, express), remind="1")

    assert (pressed.status, pressed.to_page) == ("302 Found", None)
    assert pressed.headers["Location"] == reverse("queue_room", args=[express.pk])
    columns = ("account_id", "email_key", "phone_key", "channel", "remind", "done", "rank")
    one, other = ticket(by_page, account), ticket(express, account)
    assert [getattr(one, name) for name in columns] == [getattr(other, name) for name in columns]
    assert one.code != other.code


def test_pressing_again_changes_nothing():
    made, account = queue(), make.account()
    sealed = good_pass(account, made)
    assert [Press(made, sealed).status for _ in range(2)] == ["302 Found"] * 2
    assert QueueTicket.objects.count() == 1


def not_good(account, made):
    other = queue()
    return {
        "none": Press(made, ""),
        "forged": Press(made, good_pass(account, made)[:-4] + "AAA="),
        "of another session": Press(made, good_pass(account, made), session="t" * 32),
        "without a session": Press(made, good_pass(account, made, session=""), session=""),
        "for another queue": Press(made, good_pass(account, other)),
        "old": Press(made, good_pass(account, made, now=clock() - VALID_FOR - timedelta(seconds=1))),
        "not a form": Press(made, "", body=b"\xff\x00" * 20),
        "too long": Press(made, good_pass(account, made), more="x" * 5000),
    }


def test_whatever_is_not_a_good_pass_goes_to_the_page_unread():
    made, account = queue(), make.account()
    for why, pressed in not_good(account, made).items():
        assert pressed.to_page is not None, why
        assert len(pressed.to_page) > 4, why
    assert not QueueTicket.objects.exists()


def test_the_database_refuses_as_ever_and_the_page_says_why():
    made, account, blocked = queue(), make.account("rosa.prueba@gmail.com"), make.account()
    join(account=make.account("rosaprueba+1@gmail.com"), release_id=made.pk, now=clock())
    block("address", blocked.email)
    for whose in (account, blocked):
        assert Press(made, good_pass(whose, made)).to_page is not None
    assert QueueTicket.objects.count() == 1


def test_the_first_of_all_goes_to_the_page_which_makes_the_promise():
    made, account = queues.queue(), make.account()
    assert Press(made, good_pass(account, made)).to_page is not None


def test_who_has_a_step_to_do_first_has_no_pass(settings):
    settings.BOOKING_GUARDS = [f"{__name__}.asks"]
    assert good_pass(make.account(), queue()) == ""


def asks(attempt):
    raise StepUpNeeded("code")


def test_the_page_hands_the_pass_out_to_who_can_join(client):
    made, account = queue(), make.account()
    address = reverse("queue_room", args=[made.pk])
    assert client.get(address).context["express"] == ""
    sign_in(client, account)
    sealed = client.get(address).context["express"]

    assert Press(made, sealed, session=client.cookies[portal_settings.SESSION_COOKIE_NAME].value).status == "302 Found"
    assert client.get(address).context["express"] == ""
