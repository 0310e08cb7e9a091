"""The planner: a weekday at the office and a stop of a tour, each seen in numbers before it is true."""

from django.urls import reverse

from consulates.models import Session
from tests.browser.hands import press, type_day, type_in
from tests.factories.accounts import PASSWORD, totp_code


def sign_in_with_both_factors(page, user):
    page.goto(reverse("staff_sign_in"))
    type_in(page, email=user.email, password=PASSWORD)
    press(page, "main form button.govuk-button")
    type_in(page, code=totp_code(user))
    press(page, "main form button.govuk-button")


def plan_a_weekday(page, office, look):
    """Twelve seats from nine to noon: six for the public, two for staff, four for emergencies."""
    page.goto(f"{office.url('staff_session_new')}?dia={office.day}")
    type_in(page, opens="09:00", closes="12:00", windows=2, slot_minutes=30, staff_seats=2, emergency_seats=4)
    page.check(f"[name=procedures][value='{office.passport.pk}']")
    look(page, "plan")
    with page.expect_navigation():
        page.press("[name=emergency_seats]", "Enter")
    assert "12 lugares" in page.inner_text(".mx-numbers")
    assert "0 personas perderían su lugar" in page.inner_text(".mx-numbers")
    look(page, "plan-in-numbers")
    assert not Session.objects.exists()
    press(page, "button[value=guardar]")
    look(page, "planning")
    assert Session.objects.get().status == "draft"


def publish_it(page, office, look):
    page.goto(office.url("staff_publish"))
    page.check("[name=when][value=now]")
    look(page, "publish")
    press(page, "main form button.govuk-button")
    assert "12 lugares" in page.inner_text(".mx-numbers")
    look(page, "publish-in-numbers")
    press(page, "button[value=guardar]")
    page.goto(f"{office.url('staff_week')}?desde={office.day}")
    page.locator(".mx-week__session--published").wait_for()
    look(page, "week")
    assert Session.objects.get().status == "published"


def send_a_tour_to_galveston(page, office, look):
    page.goto(office.url("staff_tour_new"))
    page.check("[name=kind][value=mobile]")
    type_in(page, name="Costa", team="Equipo A")
    press(page, "main form button.govuk-button")
    press(page, "main a[href$='/paradas/nueva/']")
    type_day(page, "first_day", office.stop_day)
    type_in(page, opens="10:00", closes="12:00", place_name="Biblioteca Rosenberg", city="Galveston")
    type_in(page, windows=1, slot_minutes=30)
    page.select_option("[name=state]", "TX")
    page.check(f"[name=procedures][value='{office.passport.pk}']")
    look(page, "stop")
    press(page, "main form button.govuk-button")
    look(page, "tour")
    press(page, "main a[href$='/publicar/']")
    look(page, "publish-tour")
    press(page, "button[name=publish]")
    assert Session.objects.get(city="Galveston").status == "published"


def see_that_it_was_held(page, office, look):
    page.goto(office.url("staff_session", Session.objects.get(date=office.day).pk))
    look(page, "session-held")
    assert page.locator(".mx-tag--held").count() == 1
