"""Asking, proving, deciding: the services and the rows behind them."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction

from appointments.emergencies import asking, deciding, personal_data, proofs
from appointments.emergencies.clock import after_working_hours, answer_by
from appointments.emergencies.errors import AnsweredAlready, NotYours, PeopleMissing, TooManyOpen, TooManyProofs
from appointments.emergencies.files import LARGEST, BadFile, checked, media_of, short_name
from appointments.emergencies.offers import offered_times
from appointments.models import (
    Appointment,
    EmergencyProof,
    EmergencyRequest,
    EmergencyStatus,
    Event,
    Grant,
)
from consulates.models import Role, Seat
from consulates.services.planning_holidays import decide_holidays
from mexitel.audit.models import AuditLine
from mexitel.utils import retention
from tests.appointments.booking_scene import outbox
from tests.factories import appointments as make
from tests.factories.accounts import UserFactory
from tests.factories.emergencies import JPEG, NOW, PDF, PNG, emergency
from tests.factories.staff import staff_with

pytestmark = pytest.mark.django_db
MEDIA = EmergencyProof.Media
# Houston, without daylight saving: nine in the morning is 15:00 UTC.
MONDAY = datetime(2026, 11, 23, tzinfo=UTC)


@pytest.fixture
def scene():
    return emergency()


@pytest.mark.parametrize(
    ("asked", "due"),
    [
        ((23, 15, 0), (23, 19, 0)),
        ((23, 20, 0), (24, 16, 0)),  # two in the afternoon: three hours today, one tomorrow
        ((23, 2, 0), (23, 19, 0)),  # at night before the office opens
        ((27, 22, 0), (30, 18, 0)),  # Friday at four goes on on Monday
        ((28, 15, 0), (30, 19, 0)),  # Saturday
    ],
)
def test_answer_is_due_in_working_hours_of_the_office(asked, due):
    day, hour, minute = asked
    start = datetime(2026, 11, day, hour, minute, tzinfo=UTC)
    if asked == (23, 2, 0):
        start = datetime(2026, 11, 23, 13, 0, tzinfo=UTC)

    assert after_working_hours(start, 4, "America/Chicago") == datetime(2026, 11, due[0], due[1], due[2], tzinfo=UTC)


def test_clock_stands_still_on_days_on_which_the_office_rests(scene):
    """On Monday an hour is left; Tuesday is a holiday, Thursday one on which the office works."""
    late_on_monday = datetime(2026, 11, 23, 22, 0, tzinfo=UTC)
    planner = staff_with(Role.PLANNER, scene.office)
    decide_holidays(
        office=scene.office,
        decisions={date(2026, 11, 24): True, date(2026, 11, 26): False},
        by=planner,
        now=late_on_monday,
    )

    asked = scene.asked(now=late_on_monday, needed_by=date(2026, 12, 20))

    assert asked.answer_by == datetime(2026, 11, 25, 18, 0, tzinfo=UTC)


def test_answer_comes_before_noon_of_the_day_it_is_needed():
    asked = datetime(2026, 11, 23, 20, 0, tzinfo=UTC)

    assert answer_by(asked, date(2026, 11, 24), hours=8, zone_name="America/Chicago") == datetime(
        2026, 11, 24, 18, 0, tzinfo=UTC
    )
    assert answer_by(asked, date(2026, 11, 23), hours=8, zone_name="America/Chicago") == asked + timedelta(hours=1)


@pytest.mark.parametrize(
    ("content", "media"),
    [
        (JPEG, MEDIA.JPEG),
        (PNG, MEDIA.PNG),
        (PDF, MEDIA.PDF),
        (b"<html><script>alert(1)</script>", None),
        (b"GIF89a" + b"0" * 50, None),
        (JPEG[:50], None),
        (b"<script>\xff\xd8\xff" + JPEG, None),
        (b"PK\x03\x04 %PDF- %%EOF", None),
        (b"", None),
    ],
)
def test_file_is_what_its_content_says(content, media):
    assert media_of(content) == media


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [("virus.jpg", b"MZ\x90" + b"0" * 99, "not_readable"), ("a.pdf", b"", "empty")],
)
def test_name_of_a_file_persuades_nobody(name, content, code):
    with pytest.raises(BadFile) as bad:
        checked(SimpleUploadedFile(name, content))

    assert bad.value.code == code


def test_file_above_five_megabytes_is_refused():
    file = SimpleUploadedFile("a.jpg", JPEG)
    file.size = LARGEST + 1

    with pytest.raises(BadFile, match="too_large"):
        checked(file)


def test_name_keeps_no_path_and_no_control_letters():
    assert short_name("C:\\fotos\\acta\r\n\u202e.jpg") == "acta.jpg"
    assert short_name("../../etc/passwd") == "passwd"
    assert short_name("") == "-"


def test_sent_request_waits_with_a_clock_and_leaves_an_event_and_a_message(scene):
    asked = scene.asked()

    assert (asked.status, asked.place) == (EmergencyStatus.OPEN, 1)
    assert asked.answer_by > NOW
    assert Event.objects.get(subject=asked.pk).kind == "emergency_asked"
    assert outbox("appointment.emergency_asked") == [{"request": str(asked.pk)}]


def test_second_tap_sends_once(scene):
    asked = scene.asked()
    asking.send_request(request=asked, now=NOW)

    assert Event.objects.filter(subject=asked.pk).count() == 1


def test_two_may_wait_and_not_a_third(scene):
    scene.asked()
    scene.asked()

    with pytest.raises(TooManyOpen):
        scene.asked()


def test_agent_counts_on_the_caller(scene):
    scene.asked()
    scene.asked()
    agent = staff_with(Role.PHONE_AGENT, scene.office)

    with pytest.raises(TooManyOpen):
        asking.ask_emergency(account=scene.account, plea=scene.plea(), people=[make.entry()], agent=agent, now=NOW)
    made = asking.ask_emergency(account=UserFactory(), plea=scene.plea(), people=[make.entry()], agent=agent, now=NOW)

    assert (made.channel, made.agent_id, made.place) == ("phone", agent.pk, 1)
    assert AuditLine.objects.get(action="emergency.ask").actor_id == agent.pk


def test_control_the_constraint_stands_behind_the_count(scene):
    first = scene.asked()

    with pytest.raises(IntegrityError, match="emergency_two_open_in_an_account"), transaction.atomic():
        EmergencyRequest.objects.filter(pk=scene.asked().pk).update(place=first.place)
    with pytest.raises(IntegrityError, match="emergency_waits_with_a_clock"), transaction.atomic():
        EmergencyRequest.objects.filter(pk=first.pk).update(place=3)


def test_nobody_sends_for_nobody(scene):
    draft = asking.keep_draft(account=scene.account, plea=scene.plea(), now=NOW)

    with pytest.raises(PeopleMissing):
        asking.send_request(request=draft, now=NOW)


def test_draft_is_one_and_keeps_its_files(scene):
    draft = asking.keep_draft(account=scene.account, plea=scene.plea(), now=NOW)
    asking.add_proof(request=draft, name="a.png", content=PNG, media=MEDIA.PNG, now=NOW)
    again = asking.keep_draft(account=scene.account, plea=scene.plea(kind="medical"), now=NOW)

    assert (again.pk, again.kind, again.proofs.count()) == (draft.pk, "medical", 1)


def test_fourth_file_does_not_fit(scene):
    draft = asking.keep_draft(account=scene.account, plea=scene.plea(), now=NOW)
    for _ in range(3):
        asking.add_proof(request=draft, name="a.png", content=PNG, media=MEDIA.PNG, now=NOW)

    with pytest.raises(TooManyProofs):
        asking.add_proof(request=draft, name="a.png", content=PNG, media=MEDIA.PNG, now=NOW)


def test_words_people_and_files_are_sealed_at_rest(scene):
    asked = scene.asked(make.entry("Xóchitl"))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT words, people, content, name FROM appointments_emergencyrequest r"
            " JOIN appointments_emergencyproof p ON p.request_id = r.id WHERE r.id = %s",
            [asked.pk],
        )
        words, people, content, name = cursor.fetchone()

    assert "Oaxaca" not in words
    assert "tchitl" not in people
    assert JPEG not in bytes(content)
    assert "acta" not in name
    assert asked.proofs.get().content == JPEG


def test_rotation_knows_the_files(scene, settings, capsys):
    from cryptography.fernet import Fernet, InvalidToken

    scene.asked()
    new = Fernet.generate_key().decode()
    old, settings.FIELD_KEYS = settings.FIELD_KEYS, [new]
    with pytest.raises(InvalidToken):  # control: without the rotation the old key is needed
        EmergencyProof.objects.get()
    settings.FIELD_KEYS = [new, *old]
    call_command("rotate_field_keys")
    assert "appointments.emergencies.proofs.reseal: 1 rows" in capsys.readouterr().out
    settings.FIELD_KEYS = [new]

    assert EmergencyProof.objects.get().content == JPEG
    assert EmergencyRequest.objects.get().words.startswith("Murió")


def test_withdrawing_deletes_files_and_words_at_once(scene):
    asked = scene.asked()
    asking.withdraw(request=asked, now=NOW)
    asked.refresh_from_db()

    assert (asked.status, asked.words, asked.people, asked.place) == ("withdrawn", "", "", None)
    assert not EmergencyProof.objects.exists()
    asking.withdraw(request=asked, now=NOW)  # a second tap


def test_answered_request_cannot_be_withdrawn(scene):
    asked = scene.taken()
    scene.grant(asked)

    with pytest.raises(AnsweredAlready):
        asking.withdraw(request=asked, now=NOW)


def test_taken_request_is_one_officers_until_its_time_is_over(scene):
    colleague = staff_with(Role.OFFICE_MANAGER, scene.office)
    asked = scene.taken()

    with pytest.raises(NotYours):
        deciding.take_request(request_id=asked.pk, officer=colleague, now=NOW)
    with pytest.raises(NotYours):
        deciding.refuse_request(request_id=asked.pk, officer=colleague, why="no_seat", answer="-", now=NOW)
    deciding.take_request(request_id=asked.pk, officer=colleague, now=NOW + deciding.TAKEN_FOR)
    with pytest.raises(NotYours):
        scene.grant(asked)


def test_left_request_is_free_at_once(scene):
    asked = scene.taken()
    deciding.leave_request(request_id=asked.pk, officer=scene.officer, now=NOW)

    deciding.take_request(request_id=asked.pk, officer=staff_with(Role.OFFICE_MANAGER, scene.office), now=NOW)


def test_yes_gives_an_emergency_seat_with_its_line(scene):
    asked = scene.taken(make.entry("Ada"))
    given = scene.grant(asked)
    [appointment] = Appointment.objects.filter(party_id=given.party_id)
    grant = Grant.objects.get()

    assert Seat.objects.get(pk=appointment.seat_id).pool == "emergency"
    assert appointment.agent_id == scene.officer.pk
    assert (grant.author, grant.request_id, grant.pool, grant.last_number) == (scene.officer, asked.pk, "emergency", 1)
    assert (given.status, given.place, given.decided_by) == ("granted", None, scene.officer)
    assert set(Event.objects.filter(subject=asked.pk).values_list("kind", flat=True)) == {
        "emergency_asked",
        "emergency_granted",
    }
    assert outbox("appointment.emergency_granted") == [{"request": str(asked.pk)}]
    assert {"grant.give", "emergency.grant"} <= set(AuditLine.objects.values_list("action", flat=True))


def test_whoever_has_a_later_appointment_is_moved(scene):
    ada = make.entry("Ada")
    later = make.session(consulate=scene.office, seats=1, procedures=[scene.procedure]).slots.get()
    held = make.hold(scene.account, later)
    from appointments.services import save_applicant
    from appointments.services.applicants import attendee_for_claim

    saved = save_applicant(account=scene.account, entry=ada, today=NOW.date(), now=NOW)
    attending = [{"applicant": saved.pk, "attendees": [attendee_for_claim(ada, today=NOW.date())]}]
    [booked] = make.confirm(scene.account, held, attending).facts["appointments"]
    scene.grant(scene.taken(ada))

    assert Appointment.objects.get().pk.hex == booked.replace("-", "")
    assert Appointment.objects.get().slot_id == scene.slot.pk


def test_no_says_why_and_keeps_the_officers_words(scene):
    asked = scene.taken()
    deciding.refuse_request(request_id=asked.pk, officer=scene.officer, why="no_seat", answer="Lo siento.", now=NOW)
    asked.refresh_from_db()

    assert (asked.status, asked.why, asked.answer, asked.place) == ("refused", "no_seat", "Lo siento.", None)
    assert outbox("appointment.emergency_refused") == [{"request": str(asked.pk)}]
    with pytest.raises(AnsweredAlready):
        deciding.refuse_request(request_id=asked.pk, officer=scene.officer, why="no_seat", answer="-", now=NOW)


def test_no_without_a_why_breaks_a_constraint(scene):
    asked = scene.taken()

    with pytest.raises(IntegrityError, match="emergency_refused_says_why"), transaction.atomic():
        deciding.refuse_request(request_id=asked.pk, officer=scene.officer, why="", answer="-", now=NOW)


def test_emergency_seats_are_offered_first_then_the_staffs(scene):
    asked = scene.asked(make.entry(), make.entry())

    assert [offer.pool for offer in offered_times(asked, now=NOW)] == ["emergency", "emergency"]
    Seat.objects.filter(pool="emergency").update(withdrawn_at=NOW)
    assert offered_times(asked, now=NOW) == []
    alone = scene.asked()
    assert [offer.pool for offer in offered_times(alone, now=NOW)] == ["staff", "staff"]


def test_later_times_are_offered_only_when_there_is_nothing_soon():
    scene = emergency(starts_in=timedelta(days=4))
    [first, *_rest] = offered_times(scene.asked(), now=NOW)

    assert not first.is_soon


def test_proof_goes_72_hours_after_the_answer(scene):
    asked = scene.taken()
    deciding.refuse_request(request_id=asked.pk, officer=scene.officer, why="no_seat", answer="-", now=NOW)
    proof = EmergencyProof.objects.select_related("request").get()
    tables = {"appointments_emergencyproof"}
    just_before, just_after = NOW + timedelta(hours=71, minutes=59), NOW + timedelta(hours=72, seconds=1)

    retention.apply(now=just_before, tables=tables)
    assert EmergencyProof.objects.exists()
    assert not proofs.is_over(proof, now=just_before)
    assert proofs.is_over(proof, now=just_after)  # not shown, even if nothing has deleted it yet
    retention.apply(now=just_after, tables=tables)
    assert not EmergencyProof.objects.exists()


def test_retention_forgets_drafts_and_words(scene):
    draft = asking.keep_draft(account=UserFactory(), plea=scene.plea(), now=NOW)
    asking.add_proof(request=draft, name="a.png", content=PNG, media=MEDIA.PNG, now=NOW)
    asked = scene.taken()
    deciding.refuse_request(request_id=asked.pk, officer=scene.officer, why="no_seat", answer="-", now=NOW)

    retention.apply(now=NOW + timedelta(days=2))
    assert not EmergencyRequest.objects.filter(pk=draft.pk).exists()
    retention.apply(now=NOW + timedelta(days=181))
    asked.refresh_from_db()
    assert (asked.words, asked.people, asked.answer, asked.why) == ("", "", "", "no_seat")


def test_download_tells_it_and_deletion_forgets_it(scene):
    scene.asked(make.entry("Ada"))
    [told] = personal_data.own_data(scene.account)["emergencies"]
    personal_data.forget(scene.account, NOW)

    assert told["words"].startswith("Murió")
    assert told["files"] == [{"name": "acta.jpg", "bytes": len(JPEG)}]
    assert told["people"] == ["Ada Prueba"]
    assert not EmergencyProof.objects.exists()
    assert EmergencyRequest.objects.get().words == ""
