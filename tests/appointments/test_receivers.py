import pytest

from mexitel.accounts.signals import contact_changed, contact_verified
from mexitel.utils.crypto import keyed_hash
from tests.factories import appointments as make
from tests.factories.appointments import NOW
from tests.factories.ledger import assert_books_balance, permits_in_use

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("signal", [contact_verified, contact_changed])
def test_what_is_held_counts_under_a_contact_that_was_added(signal):
    booker = make.account()
    make.book(booker, make.slot(seats=3), seats=3)
    booker.phone, booker.phone_verified_at = "+12135550199", NOW
    booker.phone_hash = keyed_hash("phone", booker.phone)
    booker.save()

    # Not robust: in the portal a crash in here is a line in the log and nothing else.
    for _ in range(2):
        signal.send(
            sender=None, user_id=booker.pk, at=NOW, contact="phone", address=booker.phone, old="", new=booker.phone
        )

    assert permits_in_use(booker, now=NOW) == {"account": 3, "email": 3, "phone": 3}
    assert_books_balance(now=NOW)


def test_first_sign_in_holds_nothing_and_changes_nothing():
    booker = make.account()
    contact_verified.send(sender=None, user_id=booker.pk, at=NOW, contact="email", address=booker.email)
    assert permits_in_use(booker, now=NOW) == {"account": 0, "email": 0}
