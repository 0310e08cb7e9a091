"""The number and the hours of an office's line: set by its planners, shown to everybody."""

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from consulates.models import OfficeLine, Role
from mexitel.audit.models import AuditLine
from mexitel.utils.time import now as clock
from tests.factories.accounts import sign_in
from tests.factories.consulates import ConsulateFactory
from tests.factories.staff import staff_with

pytestmark = pytest.mark.django_db
LINE = {"phone": "713 555 0123", "hours_es": "Lunes a viernes de 9:00 a 14:00", "hours_en": "Monday to Friday, 9 to 2"}


def planner(office):
    return sign_in(Client(), staff_with(Role.PLANNER, office))


def test_line_of_an_office_is_shown_on_its_page_and_under_contact(client):
    office = ConsulateFactory(code="houston")
    sent = planner(office).post(reverse("staff_line", args=["houston"]), LINE)

    assert sent.status_code == 302
    for url in (reverse("office", args=["houston"]), reverse("contact")):
        page = client.get(url).content.decode()
        assert "tel:+17135550123" in page
        assert LINE["hours_es"] in page
    assert AuditLine.objects.get(action="office.line").office_id == office.pk


def test_number_comes_with_hours_and_is_a_number():
    office = ConsulateFactory()
    url, browser = reverse("staff_line", args=[office.code]), planner(office)

    assert browser.post(url, LINE | {"hours_es": ""}).status_code == 422
    assert browser.post(url, LINE | {"phone": "soon"}).status_code == 422
    assert not OfficeLine.objects.exists()


def test_empty_number_takes_the_line_away(client):
    office = ConsulateFactory()
    url, browser = reverse("staff_line", args=[office.code]), planner(office)
    browser.post(url, LINE)
    browser.post(url, {"phone": ""})

    assert not OfficeLine.objects.exists()
    assert "Citas por teléfono" not in client.get(reverse("office", args=[office.code])).content.decode()


def test_database_holds_that_a_line_says_its_hours():
    office = ConsulateFactory()
    row = {"consulate": office, "updated_at": clock(), "updated_by": staff_with(Role.PLANNER, office)}
    for name, said in {
        "consulates_line_phone_is_whole": LINE,
        "consulates_line_says_its_hours": LINE | {"phone": "+17135550123", "hours_en": ""},
    }.items():
        with pytest.raises(IntegrityError, match=name), transaction.atomic():
            OfficeLine.objects.create(**row, **said)
