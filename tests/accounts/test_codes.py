from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connection
from django.db.models import F

from mexitel.accounts import codes
from mexitel.accounts.codes import CodeExpired, CodeLimited, CodeTooSoon, CodeWrong
from mexitel.accounts.limits import Origin
from mexitel.accounts.models import Channel, CodePurpose, CodeRequest
from mexitel.utils import retention
from tests.factories.accounts import UserFactory


@pytest.fixture
def ask(now, origin):
    def ask(address="ana@example.com", *, at=now, where=origin, channel=Channel.EMAIL, **more):
        return codes.ask(
            purpose=CodePurpose.SIGN_IN, channel=channel, address=address, user=None, language="es",
            origin=where, now=at, **more,
        )  # fmt: skip

    return ask


def check(request, typed, now):
    return codes.check(request_id=request.pk, purpose=CodePurpose.SIGN_IN, typed=typed, now=now)


def wrong(request):
    return f"{(int(request.code) + 1) % 10**6:06}"


@pytest.mark.django_db
def test_right_code_is_accepted_once_however_it_is_spaced(ask, now):
    asked = ask()
    assert check(asked, f" {asked.code[:3]} {asked.code[3:]}\n", now).address == "ana@example.com"
    with pytest.raises(CodeExpired):
        check(asked, asked.code, now)


@pytest.mark.django_db
@pytest.mark.parametrize(("after", "accepted"), [(timedelta(minutes=9, seconds=59), True), (codes.LIFETIME, False)])
def test_code_lives_ten_minutes(ask, now, after, accepted):
    asked = ask()
    if accepted:
        assert check(asked, asked.code, now + after)
    else:
        with pytest.raises(CodeExpired):
            check(asked, asked.code, now + after)


@pytest.mark.django_db
@pytest.mark.parametrize("typed", ["", "\x00", "１２３４５６", "12345", "1" * 500, "abc"])
def test_nonsense_is_wrong_and_not_an_error(ask, now, typed):
    with pytest.raises(CodeWrong):
        check(ask(), typed, now)


@pytest.mark.django_db
def test_few_tries_then_even_the_right_code_is_refused(ask, now):
    asked = ask()
    left = []
    for _ in range(codes.MAX_ATTEMPTS - 1):
        with pytest.raises(CodeWrong) as error:
            check(asked, wrong(asked), now)
        left.append(error.value.attempts_left)
    assert left == [4, 3, 2, 1]
    with pytest.raises(CodeExpired):
        check(asked, wrong(asked), now)
    with pytest.raises(CodeExpired):
        check(asked, asked.code, now)


@pytest.mark.django_db
def test_code_of_one_purpose_is_refused_for_another(ask, now):
    asked = ask()
    with pytest.raises(CodeExpired):
        codes.check(request_id=asked.pk, purpose=CodePurpose.DELETE_ACCOUNT, typed=asked.code, now=now)


@pytest.mark.django_db
def test_code_is_encrypted_at_rest_and_blank_once_used(ask, now):
    asked = ask()
    with connection.cursor() as cursor:
        cursor.execute("SELECT code, address FROM accounts_coderequest")
        stored = cursor.fetchone()
    assert asked.code not in stored[0]
    assert "ana" not in stored[1]
    check(asked, asked.code, now)
    assert CodeRequest.objects.get().code == ""


@pytest.mark.django_db
def test_send_again_sends_the_same_code_with_new_minutes_and_old_tries(ask, now, origin, sent):
    asked = ask()
    with pytest.raises(CodeWrong):
        check(asked, wrong(asked), now)
    with pytest.raises(CodeTooSoon):
        codes.send_again(request_id=asked.pk, origin=origin, now=now + timedelta(seconds=29))
    again = codes.send_again(request_id=asked.pk, origin=origin, now=now + timedelta(minutes=9))
    assert (again.code, again.attempts) == (asked.code, 1)
    assert sent.code() == asked.code
    assert check(asked, asked.code, now + timedelta(minutes=18))


@pytest.mark.django_db
def test_send_again_has_an_end(ask, now, origin):
    asked = ask()
    for n in range(1, codes.MAX_SENDS):
        codes.send_again(request_id=asked.pk, origin=origin, now=now + timedelta(minutes=n))
    with pytest.raises(CodeLimited):
        codes.send_again(request_id=asked.pk, origin=origin, now=now + timedelta(minutes=5))


@pytest.mark.django_db
def test_one_mailbox_gets_few_mails_whatever_its_alias_and_wherever_from(ask, now, sent):
    refused = 0
    for n in range(40):
        try:
            ask(f"vic.tim+{n}@gmail.com", where=Origin.at(f"198.51.{n}.1"))
        except CodeLimited:
            refused += 1
    assert (len(sent.all()), refused) == (8, 32)


@pytest.mark.django_db
def test_owner_on_a_known_device_is_not_locked_out_by_a_stranger(ask, now):
    for n in range(40):
        try:
            ask(where=Origin.at(f"198.51.{n}.1"))
        except CodeLimited:
            continue
    with pytest.raises(CodeLimited):
        ask(where=Origin.at("192.0.2.1"))
    assert ask(where=Origin.at("192.0.2.1"), known_device=True)


@pytest.mark.django_db
def test_one_number_gets_few_text_messages(ask, sent):
    for _ in range(3):
        ask("+12135550100", channel=Channel.SMS)
    with pytest.raises(CodeLimited):
        ask("+12135550100", channel=Channel.SMS)
    assert len(sent.all()) == 3


@pytest.mark.django_db
def test_staff_and_suspended_accounts_get_another_message_and_a_code_that_never_fits(ask, now, sent):
    UserFactory(email="jefa@example.com", staff=True)
    UserFactory(email="fuera@example.com", is_active=False)
    for address, kind in (("jefa@example.com", "sign_in_staff"), ("fuera@example.com", "sign_in_closed")):
        asked = ask(address)
        assert (asked.code, sent.all()[-1].kind) == ("", kind)
        for typed in ("", "000000"):
            with pytest.raises(CodeWrong):
                check(asked, typed, now)


GUESSERS = 16


def guess(asked, times, now, check_one):
    def one(n):
        try:
            check_one(asked, f"{n:06}", now)
        except CodeWrong:
            return 1
        except CodeExpired:
            return 0
        finally:
            connection.close()
        return 1

    with ThreadPoolExecutor(GUESSERS) as pool:
        return sum(pool.map(one, range(times)))


@pytest.mark.races
def test_parallel_guesses_are_still_few(live_db, ask, now):
    asked = ask()
    guess(asked, 64, now, check)
    assert CodeRequest.objects.get().attempts == codes.MAX_ATTEMPTS


@pytest.mark.races
def test_control_counting_as_a_session_does_lets_parallel_guesses_pass(live_db, ask, now):
    all_have_read = Barrier(GUESSERS)

    def read_then_write(asked, typed, now):
        request = CodeRequest.objects.get(pk=asked.pk)
        if int(typed) < GUESSERS:
            all_have_read.wait(30)
        if request.attempts >= codes.MAX_ATTEMPTS:
            raise CodeExpired
        CodeRequest.objects.filter(pk=asked.pk).update(attempts=request.attempts + 1)
        raise CodeWrong(1)

    asked = ask()
    assert guess(asked, 64, now, read_then_write) > codes.MAX_ATTEMPTS


@pytest.mark.races
def test_right_code_from_two_tabs_at_once_is_used_once(live_db, ask, now):
    asked = ask()

    def one(_n):
        try:
            return bool(check(asked, asked.code, now))
        except CodeExpired:
            return False
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(one, range(5))) == 1


@pytest.mark.django_db
def test_codes_are_dropped_a_day_after_they_ended(ask, now):
    ask()
    retention.apply(now=now + timedelta(days=1))
    assert CodeRequest.objects.count() == 1
    retention.apply(now=now + timedelta(days=1, minutes=11))
    assert CodeRequest.objects.count() == 0


@pytest.mark.django_db
def test_control_attempts_are_counted_in_the_row(ask, now):
    asked = ask()
    CodeRequest.objects.update(attempts=F("attempts") + codes.MAX_ATTEMPTS)
    with pytest.raises(CodeExpired):
        check(asked, asked.code, now)
