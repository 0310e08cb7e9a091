"""The token of a turn opens the gate to one account, for one release, for ten minutes; and asks no store."""

from datetime import timedelta

import pytest
from django.core import signing
from django.urls import reverse

from appointments.models import Hold
from appointments.queueing.admission import CHOOSES_IN, SALT, NotYourTurn, admitted_by, enter, token_for
from mexitel.utils.time import now as clock
from tests.factories import appointments as make
from tests.factories.accounts import sign_in
from tests.factories.appointments import NOW
from tests.factories.queues import DRAWN, SECOND, opened, queue, tickets
from tests.factories.releases import times_of

pytestmark = pytest.mark.django_db


def test_the_token_is_good_for_its_account_and_time_alone(django_assert_num_queries):
    account, other, until = make.account(), make.account(), NOW + CHOOSES_IN
    token = token_for(7, account.pk, until)
    with django_assert_num_queries(0):
        assert admitted_by(token, account=account, now=NOW) == 7
        assert admitted_by(token, account=account, now=until - SECOND) == 7
        assert admitted_by(token, account=account, now=until) is None
        assert admitted_by(token, account=other, now=NOW) is None


@pytest.mark.parametrize("forged", ["", "x", "WzcsMV0:1:x", "\x00", "a" * 200])
def test_what_we_did_not_sign_lets_nobody_in(forged):
    assert admitted_by(forged, account=make.account(), now=NOW) is None


def test_what_we_signed_for_another_purpose_lets_nobody_in():
    account = make.account()
    claims = [7, account.pk, int((NOW + CHOOSES_IN).timestamp())]
    assert admitted_by(signing.dumps(claims, salt="another purpose"), account=account, now=NOW) is None
    assert admitted_by(signing.dumps("7", salt=SALT), account=account, now=NOW) is None


def test_coming_again_within_the_minutes_does_not_begin_them_anew():
    made = queue()
    first = opened(made, 1)[0]
    turn = enter(account=first, release_id=made.pk, now=DRAWN)
    assert enter(account=first, release_id=made.pk, now=DRAWN + 60 * SECOND) == turn
    later = turn.until + SECOND
    assert enter(account=first, release_id=made.pk, now=later).until == later + CHOOSES_IN


def test_who_is_done_or_has_no_ticket_is_not_let_in():
    made = queue()
    first = opened(made, 1)[0]
    type(tickets(made)[0]).objects.update(done="booked", done_at=DRAWN)
    for account in (first, make.account()):
        with pytest.raises(NotYourTurn):
            enter(account=account, release_id=made.pk, now=DRAWN)


@pytest.fixture
def begun():
    """A queue that opened an hour ago, on the real clock of the pages."""
    return queue(opens_at=clock() - timedelta(hours=1))


@pytest.mark.parametrize(
    ("whose", "minutes", "held"),
    [("own", 5, True), ("own", -1, False), ("another", 5, False), ("none", 5, False)],
)
def test_the_booking_page_asks_for_the_token(client, begun, whose, minutes, held):
    account = make.account()
    sign_in(client, account)
    [at, *_] = times_of(begun)
    owner = {"own": account, "another": make.account(), "none": None}[whose]
    token = token_for(begun.pk, owner.pk, clock() + timedelta(minutes=minutes)) if owner else ""
    wish = {"slots": f"{at.pk}:1", "procedure": make.offered(at).code, "turn": token}

    response = client.post(reverse("hold_create"), wish)

    assert response.status_code == (302 if held else 409)
    assert Hold.objects.count() == held
