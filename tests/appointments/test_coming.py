""" "I am coming" in one tap; what nobody confirmed is listed, and released by a person only."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django_scopes import scope

from appointments.coming import messages, releasing
from appointments.coming.answers import DECIDED_DAYS, note_call, say_coming
from appointments.coming.lists import lists_of
from appointments.coming.releasing import release_rows
from appointments.coming.tokens import token_for
from appointments.models import Appointment, Attendee, ComingNote
from appointments.notifications import handlers, reminders
from consulates.models import Role, Seat, Slot
from mexitel.accounts.models import User
from mexitel.audit.models import AuditLine
from mexitel.outbox.models import OutboxMessage, OutgoingMessage
from mexitel.utils.time import now as clock
from tests.appointments.waiting_scene import waits
from tests.factories import appointments as make
from tests.factories.accounts import sign_in
from tests.factories.staff import staff_with
from tests.races.together import codes, together

PHONES = (f"+1213555{n:04d}" for n in range(3000, 9000))
BOOKED = timedelta(days=30)


def booked_long_ago(n=1, *, phone=True, seats=9, at=None, now=None):
    """Appointments in about two and a half days, each of a booker of their own, who were reminded three times."""
    now = now or clock()
    at = at or make.slot(seats=seats, starts_at=now + timedelta(days=2, hours=12))
    made = []
    for _one in range(n):
        booker = make.account(phone=next(PHONES) if phone else "")
        [pk] = make.book(booker, at)
        made.append(pk)
    Appointment.objects.filter(pk__in=made).update(created_at=now - BOOKED)
    remind(at.session, now=now)
    return list(Appointment.objects.filter(pk__in=made).select_related("account", "session").order_by("pk"))


def remind(session, *, now):
    for days in sorted(reminders.ASKING_DAYS, reverse=True):
        reminders.put_due_in_outbox(now=reminders.due_at(session, days))


def listed(one, *, now=None):
    with scope(consulate=None):
        return lists_of(one.consulate, now=now or clock())


def released(rows, by):
    with scope(consulate=None):
        return release_rows(rows, by=by, now=clock())


def manager(one):
    return staff_with(Role.OFFICE_MANAGER, one.consulate)


# -- one tap -------------------------------------------------------------------------------------------------------


def test_the_reminder_asks_and_one_tap_answers_for_the_party(db, client):
    [one] = booked_long_ago()
    payload = OutboxMessage.objects.filter(kind="reminder").order_by("id").values_list("payload", flat=True)[0]
    assert payload["days"] == 10
    handlers.reminder(outbox_id=1, payload=payload, now=clock())
    mail = OutgoingMessage.objects.get(kind="reminder.coming", channel="mail")
    link = reverse("coming", args=[token_for(one.party_id)])
    assert link in mail.body
    page = client.get(link)
    assert page.headers["Cache-Control"] == "no-store, private"
    assert not ComingNote.objects.exists()
    assert one.attendees.get().full_name not in page.content.decode()
    for _tap in range(2):
        assert client.post(link).status_code == 302
    assert ComingNote.objects.get().how == "link"
    assert "Gracias" in client.get(link).content.decode()
    assert listed(one).release == []


def test_who_has_said_so_is_asked_no_more_until_two_days_before(db):
    [one] = booked_long_ago()
    OutboxMessage.objects.filter(kind="reminder").delete()
    one.reminders.all().delete()
    ten = reminders.due_at(one.session, 10)
    say_coming([one], how="web", now=ten)
    for days in (7, 5, 2):
        reminders.put_due_in_outbox(now=reminders.due_at(one.session, days))
    assert [row.payload["days"] for row in OutboxMessage.objects.filter(kind="reminder")] == [2]


def test_a_link_that_is_not_ours_and_one_too_early(db, client):
    assert client.get(reverse("coming", args=["0123.abc"])).status_code == 404
    at = make.slot(starts_at=clock() + timedelta(days=20))
    one = Appointment.objects.get(pk=make.book(make.account(), at)[0])
    link = reverse("coming", args=[token_for(one.party_id)])
    client.post(link)
    assert not ComingNote.objects.exists()


def test_on_its_own_page_and_in_the_api(db, client):
    [one, other] = booked_long_ago(2)
    sign_in(client, one.account)
    address = reverse("appointment_coming", args=[one.pk])
    assert address in client.get(reverse("appointment", args=[one.pk])).content.decode()
    client.post(address)
    client.post(reverse("appointment_coming", args=[other.pk]))
    assert list(ComingNote.objects.values_list("appointment", "how")) == [(one.pk, "web")]


# -- the list ------------------------------------------------------------------------------------------------------


def test_listed_are_those_who_were_asked_three_times_on_two_channels(db):
    [one] = booked_long_ago()
    at = Slot.objects.get(pk=one.slot_id)
    [by_mail] = booked_long_ago(phone=False, at=at)
    [bounced] = booked_long_ago(at=at)
    User.objects.filter(pk=bounced.account_id).update(email_bounced_at=clock())
    [late, moved] = booked_long_ago(2, at=at)
    late.reminders.filter(days_before=10).delete()
    moved.reminders.update(starts_at=clock())
    found = listed(one)
    assert [row.appointment.pk for row in found.release] == [one.pk]
    assert [row.appointment.pk for row in found.call] == [bounced.pk]
    assert [row.appointment.pk for row in found.silent] == [by_mail.pk]


def test_nobody_is_released_before_three_days(db):
    [one] = booked_long_ago()
    early = reminders.due_at(one.session, DECIDED_DAYS) - timedelta(minutes=1)
    assert listed(one, now=early).release == []


def test_minors_and_priority_are_not_ticked(db):
    [adult, minor, first] = booked_long_ago(3)
    Attendee.objects.filter(appointment=minor.pk).update(is_minor=True)
    Attendee.objects.filter(appointment=first.pk).update(priority=True)
    ticked = {row.appointment.pk: row.is_ticked for row in listed(adult).release}
    assert ticked == {adult.pk: True, minor.pk: False, first.pk: False}


def reached_on_one_channel(count=1):
    found = booked_long_ago(count)
    User.objects.filter(pk__in=[one.account_id for one in found]).update(email_bounced_at=clock())
    return found


def test_a_call_says_that_they_come_or_what_else_came_of_it(db):
    [one] = reached_on_one_channel()
    clerk = staff_with(Role.DESK_CLERK, one.consulate)
    note_call(one, outcome="no_answer", by=clerk, now=clock(), words="buzón de voz")
    [call] = listed(one).call[0].calls
    assert (call.by, call.words) == (clerk, "buzón de voz")
    assert "buzón" not in str(AuditLine.objects.get(action="coming.call").detail)
    note_call(one, outcome="coming", by=clerk, now=clock())
    assert listed(one).call == []


def test_a_place_is_released_after_a_call_that_a_person_wrote_down(db):
    tried, wrong, untried = reached_on_one_channel(3)
    client = sign_in(Client(), manager(tried))
    address = reverse("staff_coming", args=[tried.consulate.code])
    for one, outcome in ((tried, "no_answer"), (wrong, "wrong")):
        client.post(address, {"do": outcome, "cita": one.pk, "nota": "a las diez"})
    early = reminders.due_at(tried.session, DECIDED_DAYS) - timedelta(minutes=1)
    assert not any(row.may_release for row in listed(tried, now=early).call)

    page = client.get(address).content.decode()
    assert "a las diez" in page
    assert page.count('value="preview"') == 1
    ids = [str(one.pk) for one in (tried, wrong, untried)]
    assert client.post(address, {"do": "preview", "cita": ids}).content.decode().count('name="cita"') == 1
    client.post(address, {"do": "release", "cita": ids})
    found = Appointment.objects.filter(cancelled_by="unanswered")
    assert [one.pk for one in found] == [tried.pk]


# -- the release ---------------------------------------------------------------------------------------------------


def test_the_office_looks_at_the_batch_and_releases_it(db):
    [one, other, minor] = booked_long_ago(3)
    Attendee.objects.filter(appointment=minor.pk).update(is_minor=True)
    client = sign_in(Client(), manager(one))
    address = reverse("staff_coming", args=[one.consulate.code])
    page = client.get(address).content.decode()
    assert one.attendees.get().full_name not in page
    ids = [str(one.pk), str(other.pk), "nonsense"]
    preview = client.post(address, {"do": "preview", "cita": ids})
    assert preview.content.decode().count('name="cita"') == 2
    assert not Appointment.objects.filter(status="cancelled").exists()
    say_coming([other], how="link", now=clock())
    client.post(address, {"do": "release", "cita": ids})
    one.refresh_from_db()
    other.refresh_from_db()
    assert (one.cancelled_by, other.status) == ("unanswered", "booked")
    assert Seat.objects.get(pk=one.seat_id).visible_at > clock()
    assert AuditLine.objects.filter(action="coming.release").count() == 1


def test_a_clerk_calls_and_does_not_release(db):
    [one] = booked_long_ago()
    client = sign_in(Client(), staff_with(Role.DESK_CLERK, one.consulate))
    address = reverse("staff_coming", args=[one.consulate.code])
    assert str(one.pk) not in client.get(address).content.decode()
    assert client.post(address, {"do": "release", "cita": [str(one.pk)]}).status_code == 403


def test_they_are_told_once_with_a_way_back(db, client):
    [one] = booked_long_ago()
    released(listed(one).release, manager(one))
    for kind, handler in (("appointment.cancelled", handlers.cancelled), ("coming.released", messages.released)):
        [payload] = OutboxMessage.objects.filter(kind=kind).values_list("payload", flat=True)
        handler(outbox_id=1, payload=payload, now=clock())
    told = OutgoingMessage.objects.filter(channel="mail").exclude(kind__startswith="appointment.booked")
    back = reverse("coming_back", args=[one.pk])
    assert [(one.kind, back in one.body) for one in told] == [("coming.released", True)]
    link = reverse("coming", args=[token_for(one.party_id)])
    assert back in client.get(link).content.decode()
    sign_in(client, one.account)
    assert client.get(back).status_code == 200


def test_no_task_releases_anything(db):
    from django.utils.module_loading import import_string

    from mexitel.celery import BEAT

    [one] = booked_long_ago()
    import_string("appointments.tasks.send_due_reminders")()
    assert not any("coming" in task for task in BEAT)
    one.refresh_from_db()
    assert one.status == "booked"


def race(one, by):
    row = listed(one).release
    return codes(
        together([lambda: say_coming([one], how="link", now=clock()) and None, lambda: released(row, by) and None])
    )


@pytest.mark.races
@pytest.mark.parametrize("round_", range(3))
def test_a_tap_and_a_release_at_once_have_one_winner(live_db, round_):
    [one] = booked_long_ago()
    race(one, manager(one))
    one.refresh_from_db()
    kinds = set(ComingNote.objects.values_list("kind", flat=True))
    assert (one.status, kinds) in [("booked", {"coming"}), ("cancelled", {"released"})]


@pytest.mark.races
def test_control_a_release_that_does_not_look_again_takes_the_place_of_who_answered(live_db, monkeypatch):
    [one] = booked_long_ago()
    row = listed(one).release
    monkeypatch.setattr(releasing, "have_said", lambda appointments: set())
    say_coming([one], how="link", now=clock())
    assert released(row, manager(one))


def test_who_joins_the_waiting_list_afterwards_stands_at_its_front(db):
    [one, other] = booked_long_ago(2)
    released([row for row in listed(one).release if row.appointment.pk == one.pk], manager(one))
    session = make.session(procedures=[one.procedure], starts_at=clock() + timedelta(days=14))
    waiting = [waits(session, account=who.account, at=clock()) for who in (one, other)]
    for entry in waiting:
        entry.refresh_from_db()
    assert [entry.front_at is not None for entry in waiting] == [True, False]
