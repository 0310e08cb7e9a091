"""The pages: choose, count, confirm, sign, call, book; and the link that a person taps."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from appointments.closing.tokens import token_for
from appointments.models import Appointment, Closure, Orphan
from consulates.models import Role, Suspension
from consulates.wording import moment
from mexitel.audit.models import AuditLine
from mexitel.utils.time import now as clock
from tests.closing.scene import colleague, states, tend, town
from tests.factories import appointments as make
from tests.factories.accounts import UserFactory, sign_in
from tests.factories.staff import LONG_AGO

pytestmark = pytest.mark.django_db
REASONS = {"reason_es": "Hay una tormenta.", "reason_en": "There is a storm."}


@pytest.fixture
def here():
    made = town(days=(10, 15))
    made.people([2, 1])
    return made


def staff(here, role=Role.OFFICE_MANAGER):
    return sign_in(Client(), colleague(role, here.office))


def days(here):
    return {"desde": here.day.date.isoformat(), "hasta": here.day.date.isoformat(), "lugar": ""}


def url(name, here, *args):
    return reverse(name, args=[here.office.code, *args])


def close(here, client, **more):
    return client.post(url("staff_closure_new", here), days(here) | REASONS | {"counted": 3} | more)


def test_days_are_chosen_counted_and_closed(here):
    client = staff(here)
    chosen = client.get(url("staff_closures", here), days(here))
    assert chosen.url.startswith(url("staff_closure_new", here))
    page = client.get(chosen.url)
    assert (page.context["count"].appointments, page.context["count"].families) == (3, 1)
    assert not Closure.objects.exists()

    done = close(here, client)
    closure = Closure.objects.get()
    assert done.url == url("staff_closure", here, closure.pk)
    assert states(closure) == {"to_offer": 3}
    shown = client.get(done.url).content.decode()
    assert all(one.attendees.get().full_name in shown for one in Appointment.objects.all())
    assert AuditLine.objects.get(action="closure.look").detail == {"appointments": 3}


def test_what_is_wrong_is_said_and_nothing_happens(here):
    client = staff(here)
    assert client.get(url("staff_closures", here), {"desde": "x", "hasta": ""}).status_code == 422
    empty = {"desde": "2031-01-01", "hasta": "2031-01-01", "lugar": ""}
    assert client.get(url("staff_closures", here), empty).status_code == 422
    assert close(here, client, reason_es="").status_code == 422
    assert close(here, client, counted=1).status_code == 422  # more people than the page said
    assert client.get(url("staff_closure_new", here)).status_code == 302
    assert not Closure.objects.exists()


def test_closing_asks_for_the_password_again_when_it_was_long_ago(here):
    manager = UserFactory(staff=True, email="gerente@example.com")
    manager.assignments.create(role=Role.OFFICE_MANAGER, consulate=here.office, starts_at=LONG_AGO)
    client = sign_in(Client(), manager)
    page = url("staff_closure_new", here)
    assert client.get(page, days(here)).status_code == 200
    session = client.session
    for method in session["account_authentication_methods"]:
        method["at"] -= 3600
    session.save()
    assert client.get(page, days(here)).url.startswith(reverse("mfa_reauthenticate"))


def test_second_person_signs(here):
    more = town(seats=10)
    more.people([3] * 17)
    author, colleague = staff(more), staff(more)
    close(more, author, counted=51)
    closure = Closure.objects.get()
    sign = url("staff_closure_sign", more, closure.pk)
    assert states(closure) == {}
    assert author.post(sign, {"do": "sign"}).status_code == 409
    assert colleague.post(sign, {"do": "sign"}).status_code == 302
    assert states(closure) == {"to_offer": 51}
    assert colleague.post(sign, {"do": "sign"}).status_code == 409


def test_lists_of_other_offices_are_not_found(here):
    close(here, staff(here))
    closure, other = Closure.objects.get(), town()
    client = staff(other)
    assert client.get(url("staff_closure", other, closure.pk)).status_code == 404
    assert client.get(url("staff_closure", here, closure.pk)).status_code == 403


def person(here, **who):
    close(here, staff(here))
    tend(clock())
    orphan = Orphan.objects.filter(appointment__account=here.bookers[0]).first()
    return orphan, url("staff_orphan", here, orphan.closure_id, orphan.pk)


def test_clerk_accepts_for_the_family(here):
    orphan, page = person(here)
    client = staff(here)
    assert client.get(page).context["offer"] is not None
    assert client.post(page, {"do": "accept", "accept-channel": "phone"}).status_code == 302
    assert states(orphan.closure) == {"accepted": 2, "offered": 1}
    assert AuditLine.objects.filter(action="closure.accept").count() == 1
    assert client.post(page, {"do": "accept", "accept-channel": "phone"}).status_code == 422


def test_clerk_books_another_time(here):
    orphan, page = person(here)
    client = staff(here)
    options = client.get(page).context["book"].fields["choice"].choices
    done = client.post(page, {"do": "book", "book-choice": options[-1][0], "book-channel": "counter"})
    assert done.status_code == 302
    assert states(orphan.closure) == {"accepted": 2, "offered": 1}
    assert Appointment.objects.filter(account=here.bookers[0]).first().session_id != here.elsewhere.pk


def test_clerk_notes_a_call(here):
    orphan, page = person(here)
    client = staff(here)
    assert client.post(page, {"do": "call"}).status_code == 422
    assert client.post(page, {"do": "dance"}).status_code == 422
    assert client.post(page, {"do": "call", "call-outcome": "reached", "call-note": "mañana"}).status_code == 302
    assert states(orphan.closure) == {"reached": 2, "offered": 1}
    assert "mañana" in client.get(page).content.decode()


# -- the link ----------------------------------------------------------------------------------


def link(orphan):
    return reverse("offer", args=[token_for(orphan.hold_id)])


def test_one_tap_accepts_without_signing_in_and_a_second_changes_nothing(here):
    orphan, _page = person(here)
    tap = Client()
    shown = tap.get(link(orphan))
    text = shown.content.decode()
    names = [one.attendees.get() for one in Appointment.objects.filter(account=here.bookers[0])]
    assert not [one for one in names if one.full_name in text or one.given_names in text]
    assert (shown["Cache-Control"], shown["Referrer-Policy"]) == ("no-store, private", "same-origin")
    for _tap in range(2):
        assert tap.post(link(orphan)).status_code == 302
    assert states(orphan.closure) == {"accepted": 2, "offered": 1}
    assert "Listo: ya tiene nueva hora" in tap.get(link(orphan)).content.decode()


def test_link_says_when_it_ran_out_was_moved_or_cancelled(here):
    orphan, _page = person(here)
    later = clock() + timedelta(hours=49)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("appointments.views.offers.clock", lambda: later)
        answer = Client().post(link(orphan))
    assert (answer.status_code, "Esta propuesta venció" in answer.content.decode()) == (409, True)
    ids = [str(pk) for pk in Appointment.objects.filter(account=here.bookers[0]).values_list("pk", flat=True)]
    held = make.hold(here.bookers[0], here.elsewhere.slots.last(), 2, replaces=ids)
    make.confirm(here.bookers[0], held, [])
    answer = Client().post(link(orphan))
    assert (answer.status_code, "Usted ya tiene otra hora" in answer.content.decode()) == (409, True)
    make.cancel(here.bookers[0], *ids)
    assert "Esta cita se canceló" in Client().get(link(orphan)).content.decode()


@pytest.mark.parametrize("spoil", [lambda t: t[:-1], lambda t: t[:-2] + "AA", lambda t: "x" * 43, lambda t: t + "="])
def test_link_that_is_not_ours_is_not_found(here, spoil):
    orphan, _page = person(here)
    assert Client().get(reverse("offer", args=[spoil(token_for(orphan.hold_id))])).status_code == 404


def test_link_that_nobody_knows_any_more_says_that_it_ran_out(here):
    from appointments.models import Hold

    orphan, _page = person(here)
    Hold.objects.filter(pk=orphan.hold_id).delete()
    assert "Esta propuesta venció" in Client().get(link(orphan)).content.decode()
    assert Client().post(link(orphan)).status_code == 409


def test_my_appointments_shows_the_proposal_and_no_hold_to_finish(here):
    orphan, _page = person(here)
    shown = sign_in(Client(), here.bookers[0]).get(reverse("my_appointments"))
    assert (len(shown.context["offers"]), shown.context["holds"]) == (1, [])
    assert link(orphan) in shown.content.decode()


# -- hours and suspensions ---------------------------------------------------------------------


def hours(here, **changes):
    session = here.day
    return {"abre": "08:00", "cierra": "16:00", "ventanillas": session.windows, "minutos": 30} | changes


def test_hours_are_counted_before_they_are_saved(here):
    from tests.closing.test_changes import day

    session = day()
    make.book(make.account(), session.slots.last(), 2)
    office = session.consulate
    page = reverse("staff_hours", args=[office.code, session.pk])
    client = sign_in(Client(), colleague(Role.PLANNER, office))
    typed = {"abre": "09:00", "cierra": "10:30", "ventanillas": 3, "minutos": 30}
    assert client.get(page).status_code == 200
    assert client.get(page, typed | {"cierra": "08:00"}).status_code == 422
    assert client.get(page, typed | {"minutos": "240"}).status_code == 422
    preview = client.get(page, typed).context["preview"]
    assert (preview.stay, preview.close, preview.lost.appointments) == (3, 1, 2)
    assert client.post(page, typed | {"counted": 2}).status_code == 422  # no reason for the people
    done = client.post(page, typed | REASONS | {"counted": 2})
    assert done.url == page  # a planner has no work lists
    assert states(Closure.objects.get()) == {"to_offer": 2}


def test_hours_without_anybody_who_loses_need_no_reason():
    from tests.closing.test_changes import day

    session = day()
    page = reverse("staff_hours", args=[session.consulate.code, session.pk])
    client = sign_in(Client(), colleague(Role.OFFICE_MANAGER, session.consulate))
    done = client.post(page, {"abre": "09:00", "cierra": "12:00", "ventanillas": 4, "minutos": 30, "counted": 0})
    assert done.status_code == 302
    session.refresh_from_db()
    assert session.windows == 4


def test_procedure_is_suspended_and_offered_again(here):
    type(here.offered).objects.filter(pk=here.offered.pk).update(booking="central")
    client = staff(here)
    asked = {"tramite": here.offered.code, "desde": here.day.date.isoformat(), "hasta": here.day.date.isoformat()}
    chosen = client.get(url("staff_suspensions", here), asked)
    page = client.get(chosen.url)
    assert page.context["count"].appointments == 3
    assert client.post(url("staff_suspension_new", here), asked | REASONS | {"counted": 3}).status_code == 302
    suspension = Suspension.objects.get()
    assert states(Closure.objects.get()) == {"to_offer": 3}
    assert client.get(url("staff_suspensions", here), asked).status_code == 422
    assert here.offered.name in client.get(url("staff_suspensions", here)).content.decode()
    client.post(url("staff_suspension_end", here, suspension.pk))
    assert not Suspension.objects.in_force().exists()


def test_work_list_takes_as_many_queries_for_many(here, django_assert_max_num_queries):
    more = town(seats=10)
    more.people([1] * 12)
    client = staff(more)
    close(more, client, counted=12)
    page = url("staff_closure", more, Closure.objects.get().pk)
    with django_assert_max_num_queries(20):
        client.get(page)


def test_times_on_the_pages_are_those_of_the_office(here):
    """Not of UTC: El Paso is six or seven hours behind."""
    close(here, staff(here))
    closure = Closure.objects.get()
    decided = moment(closure.created_at, here.office.time_zone)

    assert decided in staff(here).get(url("staff_closure", here, closure.pk)).content.decode()
    assert decided in staff(here).get(url("staff_closure_sign", here, closure.pk)).content.decode()
