"""A form on a page that a secret link opens arrives, as browsers send it: their Origin hangs on the page's policy."""

import pytest

from appointments.closing.tokens import offer_url
from appointments.models import Appointment, Orphan
from tests.closing.scene import tend, town

pytestmark = pytest.mark.browser


@pytest.fixture
def offer(live_db, portal):
    """The link of somebody whose day was closed, and to whom another time was offered."""
    here = town()
    here.people([1])
    here.close()
    tend()
    return offer_url(Orphan.objects.get().hold_id)


@pytest.mark.parametrize("kind", ["page", "page_without_javascript"])
def test_offered_time_is_accepted_with_one_tap(request, kind, offer):
    page = request.getfixturevalue(kind)
    page.goto(offer)
    with page.expect_navigation():
        page.get_by_role("button", name="Acepto esta hora").click()

    page.get_by_role("heading", level=1, name="Listo").wait_for()
    assert Appointment.objects.get().status == "booked"
