"""From a decision to a cancellation that is told in words, an appeal, and what makes it good."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import translation

from antifraud.errors import AnotherPersonNeeded, AppealOpen
from antifraud.models import (
    Appeal,
    CaseAppointment,
    CaseEvent,
    Decision,
    DecisionReason,
    PriorityToken,
    Sighting,
    Standing,
    Verdict,
)
from antifraud.redress import messages, words
from antifraud.redress.appealing import Found, appeal_decision, attending, booker_of, decide_decision_appeal
from antifraud.redress.cancelling import cancel_for
from antifraud.redress.errors import (
    DateDiffers,
    NotUsable,
    PhoneNeeded,
    ReviewNeeded,
    TooLate,
    TooManyTries,
    UndoneAlready,
)
from antifraud.redress.links import page_url
from antifraud.redress.places import soonest_places
from antifraud.redress.tokens import show_identity, use_token
from antifraud.validation.contacts import Validated
from appointments.claim import claim_one
from appointments.models import Appointment, FreedSeat
from appointments.notifications import handlers
from appointments.notifications.sms import text_of
from appointments.visits import visits_of
from consulates.models import Seat, Session
from mexitel.outbox.models import OutboxMessage
from mexitel.outbox.sms import check_one_part
from tests.accounts.conftest import Sent
from tests.factories import appointments as make
from tests.factories.appointments import NOW, offered
from tests.factories.blocks import blocked, reviewer
from tests.factories.cases import suspected
from tests.factories.ledger import assert_books_balance, permits_in_use
from tests.factories.redress import applicant, cancelled, decided

pytestmark = pytest.mark.django_db
BORN = date(1990, 5, 17)  # of everybody in tests/factories/appointments.entry
WORDS = "Pedí esta cita para mi mamá."


@pytest.fixture
def sent():
    return Sent()


def tell(now=NOW):
    """Whatever the outbox has to do with this room, and the booking room's own notice of a cancellation."""
    of_kind = {
        "appointment.cancelled": handlers.cancelled,
        "appointment.cancelled_by_review": messages.cancelled,
        "appointment.review_answered": messages.answered,
    }
    for row in OutboxMessage.objects.filter(kind__in=of_kind).order_by("id"):
        of_kind[row.kind](outbox_id=row.pk, payload=row.payload, now=now)


def appeal(scene, *, now=NOW, by_booker=True):
    person = booker_of(scene.token) if by_booker else attending(scene.token)
    return appeal_decision(tokens=[scene.token], person=person, words=WORDS, by="link", now=now)


def decide(asked, found=Found.MISTAKE, *, who=None, now=NOW):
    return decide_decision_appeal(
        appeal_id=asked.pk, reviewer=who or reviewer(), found=found, answer="Lo revisamos.", now=now
    )


def standing(scene):
    return set(CaseAppointment.objects.filter(case=scene.case).values_list("standing", flat=True))


# -- cancelling ---------------------------------------------------------------------------------------------------


def test_decision_cancels_for_everybody_frees_permits_and_lets_seats_rest():
    scene = cancelled(people=2)
    lost = Appointment.objects.get(pk=scene.token.appointment_id)

    assert (lost.status, lost.cancelled_by, standing(scene)) == ("cancelled", "reviewer", {Standing.CANCELLED})
    assert set(permits_in_use(scene.account, now=NOW).values()) == {0}
    assert Seat.objects.get(pk=lost.seat_id).visible_at > NOW + timedelta(minutes=14)
    assert_books_balance(now=NOW)


def test_cancelling_twice_does_nothing_and_who_cancelled_meanwhile_stays_so():
    case = suspected(people=2)
    first, second = Appointment.objects.filter(pk__in=case.appointments.values("appointment_id"))
    make.cancel(first.account, first.pk)
    decision = decided(case)

    assert cancel_for(decision, now=NOW) == [second.pk]
    assert cancel_for(decision, now=NOW) == []
    first.refresh_from_db()
    assert first.cancelled_by == "booker"
    assert PriorityToken.objects.get().appointment_id == second.pk
    assert CaseEvent.objects.filter(kind="cancelled").count() == 1


def test_what_has_begun_is_left_alone():
    case = suspected(people=1, starts_at=NOW + timedelta(hours=1))

    assert cancel_for(decided(case), now=NOW + timedelta(hours=2)) == []


def test_only_this_room_cancels_in_the_name_of_fairness():
    """Machines open cases and ask; what cancels is a decision, and a decision has an author."""
    room = Path(settings.BASE_DIR) / "antifraud"
    callers = {
        path.relative_to(room).as_posix() for path in room.rglob("*.py") if "cancel_appointments" in path.read_text()
    }
    assert callers == {"redress/cancelling.py"}
    ways_in = {
        path.relative_to(room).as_posix()
        for path in room.rglob("*.py")
        if "cancel_for" in path.read_text() and "redress" not in path.parts and "desk" not in path.parts
    }
    assert ways_in == set()
    decision = decided(suspected(people=1))
    with pytest.raises(IntegrityError, match="author"), transaction.atomic():
        Decision.objects.filter(pk=decision.pk).update(author=None)


# -- told in words ------------------------------------------------------------------------------------------------


def test_booker_reads_why_and_what_to_do_and_no_other_notice_goes_out(sent):
    scene = cancelled(people=1)
    tell()
    tell()

    [mail] = sent.all()
    text = sent.body(mail)["text"]
    assert "Se hizo junto con muchas otras." in text
    assert page_url("booker", scene.token.pk) in text
    assert "Una persona del servicio consular lo decidió" in text
    assert "La canceló usted" not in text


def test_an_account_with_a_phone_gets_one_part_and_who_attends_gets_a_link_of_their_own(sent, monkeypatch):
    scene = cancelled(people=1)
    scene.account.phone, scene.account.phone_hash, scene.account.phone_verified_at = "+12135550143", b"h" * 32, NOW
    scene.account.save()
    monkeypatch.setattr(messages, "validated_contact", lambda pk: Validated("mama@example.com", "", "en"))
    tell()

    assert [row.channel for row in sent.all()] == ["mail", "sms", "mail"]
    assert "Es gratis. Folio " in sent.body(sent.all()[1])["text"]
    assert page_url("person", scene.token.pk) in sent.last()["text"]
    assert "It was booked together with many others." in sent.last()["text"]


@pytest.mark.parametrize(
    ("language", "kind"), [(one, kind) for one in ("es", "en") for kind in ("cancelled", "answered")]
)
def test_a_text_message_is_one_part_for_one_and_for_many(language, kind):
    scene = cancelled(people=3)
    Session.objects.update(city="San Bernardino de los Caballeros", street_address="Calle Uno 1")
    found = handlers.load([str(one.appointment_id) for one in scene.tokens])
    with translation.override(language):
        for some in (found[:1], found):
            [visit] = visits_of(some[:1], now=NOW)
            party = replace(visit, visitors=visit.visitors * len(some), clock="12:30 p.m.")
            text = text_of(kind, [party], folder=messages.FOLDER.format("sms"))
            check_one_part(text)
            assert ("gratis" if language == "es" else "free") in text


@pytest.mark.parametrize("language", ["es", "en"])
def test_every_reason_is_a_whole_sentence_without_an_accusation(language):
    with translation.override(language):
        said = [words.why(reason) for reason in DecisionReason]
    for sentence in said:
        assert sentence.endswith(".")
        assert sentence[0].isupper()
        assert not {"gestor", "coyote", "broker", "fraude", "fraud"} & set(sentence.lower().replace(".", "").split())
    assert len(set(said)) == 7


# -- appeals ------------------------------------------------------------------------------------------------------


def test_overturned_gives_the_same_time_back_and_is_told(sent):
    scene = cancelled(people=2)
    lost = scene.token.appointment
    asked = appeal(scene)
    decide(asked)

    token = PriorityToken.objects.get(pk=scene.token.pk)
    assert (token.used_for.slot_id, token.used_for.seat_id) == (lost.slot_id, lost.seat_id)
    assert token.used_for.account_id == lost.account_id
    assert token.used_for.attendees.get().identity_hash == lost.attendees.get().identity_hash
    assert standing(scene) == {Standing.RESTORED}
    scene.case.refresh_from_db()
    assert scene.case.verdict == Verdict.LEGITIMATE
    seen = Sighting.objects.filter(kind="review").values_list("account_id", "detail")
    assert list(seen) == [(one.account_id, {"verdict": "legitimate"}) for one in scene.tokens]
    assert CaseEvent.objects.get(kind="overturned").detail["seats"] == 2
    tell()
    assert "Lo revisamos." in sent.last("redress.answered")["text"]
    assert "Esta vuelve a ser su cita:" in sent.last("redress.answered")["text"]
    assert_books_balance(now=NOW)


def test_a_case_with_another_decision_that_stands_is_no_false_alarm():
    scene = cancelled()
    decided(scene.case, act="cap")
    decide(appeal(scene))

    scene.case.refresh_from_db()
    assert scene.case.verdict == Verdict.BROKER


def test_time_that_somebody_else_has_now_becomes_a_right_to_another():
    scene = cancelled()
    lost = scene.token.appointment
    Seat.objects.filter(pk=lost.seat_id).update(visible_at=NOW)
    later = NOW + timedelta(hours=1)
    make.book(make.account(), lost.session.slots.get(), now=later)
    decide(appeal(scene), now=later)

    token = PriorityToken.objects.get()
    assert token.is_usable(now=later)
    assert (token.holder_id, token.ready_why) == (scene.account.pk, "appeal")
    assert_books_balance(now=later)


def test_only_this_person_is_made_good_and_the_rest_of_the_decision_stays():
    scene = cancelled(people=2)
    decide(appeal(scene), Found.THIS_ONE)

    scene.decision.refresh_from_db()
    scene.case.refresh_from_db()
    assert (scene.decision.overturned_at, scene.case.verdict) == (None, Verdict.BROKER)
    assert standing(scene) == {Standing.RESTORED, Standing.CANCELLED}
    assert not Sighting.objects.filter(kind="review").exists()


def test_who_attends_and_asks_alone_gets_nothing_put_into_the_bookers_account():
    scene = cancelled()
    late = NOW + timedelta(days=20)
    decide(appeal(scene, by_booker=False, now=late), Found.THIS_ONE, now=late)

    token = PriorityToken.objects.get()
    assert (token.used_at, token.holder, token.expires_at) == (None, None, late + timedelta(days=14))
    show_identity(token_id=token.pk, account=applicant(), birth_date=BORN, now=late)


def test_whoever_decided_or_agreed_does_not_decide_the_appeal():
    scene = cancelled()
    scene.decision.approver, scene.decision.approved_at = reviewer(), NOW
    scene.decision.save()
    asked = appeal(scene)

    for who in (scene.decision.author, scene.decision.approver):
        with pytest.raises(AnotherPersonNeeded):
            decide(asked, who=who)
        with pytest.raises(IntegrityError, match="appeal_decided_by_another_person"), transaction.atomic():
            Appeal.objects.update(state="upheld", decided_by=who, decided_at=NOW)
    decide(asked, Found.RIGHT)


def test_one_open_appeal_for_a_person_and_another_for_somebody_else():
    scene = cancelled()
    asked = appeal(scene)
    with pytest.raises(AppealOpen):
        appeal(scene)
    other = appeal(scene, by_booker=False)
    decide(asked)
    decide(other)

    assert Appointment.objects.filter(status="booked").count() == 1
    with pytest.raises(UndoneAlready):
        appeal(scene)


def test_an_appeal_is_answered_in_72_hours_or_in_24_when_the_appointment_is_near():
    far = appeal(cancelled(starts_at=NOW + timedelta(days=8)))
    near = appeal(cancelled(starts_at=NOW + timedelta(days=6)))

    assert (far.answer_by, near.answer_by) == (NOW + timedelta(hours=72), NOW + timedelta(hours=24))


def test_thirty_days_and_not_one_more():
    scene = cancelled(starts_at=NOW + timedelta(days=60))
    with pytest.raises(TooLate):
        appeal(scene, now=NOW + timedelta(days=30))
    appeal(scene, now=NOW + timedelta(days=29))


def test_an_appeal_is_against_one_thing():
    asked = appeal(cancelled())
    block = blocked("account", str(make.account().pk))
    with pytest.raises(IntegrityError, match="appeal_against_one_thing"), transaction.atomic():
        Appeal.objects.filter(pk=asked.pk).update(block=block)


# -- the priority token -------------------------------------------------------------------------------------------


def test_who_attends_takes_a_place_that_nobody_sees_yet_into_their_own_account():
    scene = cancelled()
    me = applicant()
    assert make.hold(me, scene.token.appointment.session.slots.get()).code == "full"  # it rests
    show_identity(token_id=scene.token.pk, account=me, birth_date=BORN, now=NOW)
    token = PriorityToken.objects.get()
    [place] = soonest_places(token, now=NOW)
    booked = use_token(token_id=token.pk, account=me, slot_id=place.slot_id, now=NOW)

    mine = Appointment.objects.get(pk=booked)
    assert (mine.account_id, mine.status) == (me.pk, "booked")
    assert mine.attendees.get().identity_hash == token.appointment.attendees.get().identity_hash
    with pytest.raises(NotUsable):
        use_token(token_id=token.pk, account=me, slot_id=place.slot_id, now=NOW)
    assert_books_balance(now=NOW)


def test_a_hoarder_gets_nothing_out_of_a_cancellation():
    scene = cancelled(people=2)
    own, other = scene.account, scene.tokens[1].account
    for account in (own, other):
        account.phone, account.phone_hash, account.phone_verified_at = f"+1213555{account.pk:04}", b"x" * 32, NOW
        account.save()
        with pytest.raises(ReviewNeeded):
            show_identity(token_id=scene.token.pk, account=account, birth_date=BORN, now=NOW)
    with pytest.raises(NotUsable):
        use_token(token_id=scene.token.pk, account=own, slot_id=scene.token.appointment.slot_id, now=NOW)


def test_a_token_needs_a_phone_and_the_date_of_birth_and_is_not_guessed():
    scene = cancelled()
    with pytest.raises(PhoneNeeded):
        show_identity(token_id=scene.token.pk, account=make.account(), birth_date=BORN, now=NOW)
    me = applicant()
    for _ in range(5):
        with pytest.raises(DateDiffers):
            show_identity(token_id=scene.token.pk, account=me, birth_date=date(1990, 5, 18), now=NOW)
    with pytest.raises(TooManyTries):
        show_identity(token_id=scene.token.pk, account=me, birth_date=BORN, now=NOW)


def test_a_token_ends_after_two_weeks():
    scene = cancelled()
    me = applicant()
    show_identity(token_id=scene.token.pk, account=me, birth_date=BORN, now=NOW)
    with pytest.raises(NotUsable):
        use_token(
            token_id=scene.token.pk, account=me, slot_id=scene.token.appointment.slot_id, now=NOW + timedelta(days=14)
        )


def test_the_claim_gives_no_resting_seat_to_anybody_else():
    """Control: only in place of an appointment that a reviewer cancelled, for its procedure, one seat."""
    scene = cancelled()
    lost = scene.token.appointment
    at = lost.session.slots.get()
    stands = make.book(make.account(), make.slot())[0]
    booker = make.account()
    ask = {"origin": "redress", "instead_of": str(lost.pk)}

    for wrong in (
        {"instead_of": stands},
        {"instead_of": str(lost.pk), "procedure": offered(make.slot()).pk},
    ):
        answer = claim_one(make.hold_request(booker, at, **ask | wrong), now=NOW)
        assert answer.code in {"not_granted", "not_offered"}
    assert claim_one(make.hold_request(booker, at, 2, **ask), now=NOW).code == "not_granted"
    assert claim_one(make.hold_request(booker, at, **ask), now=NOW).ok


def test_what_a_plan_keeps_for_later_is_out_of_reach():
    scene = cancelled()
    Seat.objects.filter(pk=scene.token.appointment.seat_id).update(visible_at=NOW + timedelta(hours=5))
    FreedSeat.objects.all().delete()  # nobody let go of it: a plan hides it

    assert soonest_places(scene.token, now=NOW) == []
