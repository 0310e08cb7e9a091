import pytest
from django.db import IntegrityError, connection

from mexitel.accounts.models import User
from mexitel.utils.crypto import keyed_hash
from tests.factories.accounts import UserFactory

pytestmark = pytest.mark.django_db


def test_manager_stores_the_exact_address_in_lower_case():
    assert User.objects.create_user("  Ana+x@Gmail.COM ").email == "ana+x@gmail.com"


def test_aliases_of_one_mailbox_are_separate_accounts():
    UserFactory(email="ab@gmail.com")
    assert UserFactory(email="a.b@gmail.com").pk


@pytest.mark.parametrize(
    ("fields", "constraint"),
    [
        ({"email": None}, "accounts_user_has_contact"),
        ({"email": "Ana@example.com"}, "accounts_user_email_is_exact"),
        ({"email": " ana@example.com"}, "accounts_user_email_is_exact"),
        ({"email": ""}, "accounts_user_email_is_exact"),
        ({"email": "a@example.com", "phone": "+12135550100"}, "accounts_user_phone_is_whole"),
        ({"email": "a@example.com", "phone_hash": b"x"}, "accounts_user_phone_is_whole"),
    ],
)
def test_constraint_refuses_by_name(fields, constraint):
    with pytest.raises(IntegrityError, match=constraint):
        User.objects.create(**fields)


def test_staff_without_email_is_refused():
    with pytest.raises(IntegrityError, match="accounts_user_staff_has_email"):
        UserFactory(phone_alone=True, is_staff=True)


def test_families_share_a_phone_but_a_phone_alone_names_one_account():
    UserFactory(with_phone=True, phone="+12135550100")
    UserFactory(with_phone=True, phone="+12135550100")
    UserFactory(phone_alone=True, phone="+12135550100")
    with pytest.raises(IntegrityError, match="accounts_user_one_per_phone_alone"):
        UserFactory(phone_alone=True, phone="+12135550100")


def test_phone_is_encrypted_at_rest_and_found_by_hash():
    user = UserFactory(with_phone=True, phone="+12135550100")
    with connection.cursor() as cursor:
        cursor.execute("SELECT phone, phone_hash FROM accounts_user WHERE id = %s", [user.pk])
        stored, stored_hash = cursor.fetchone()
    assert "2135550100" not in stored
    assert bytes(stored_hash) == keyed_hash("phone", "+12135550100")
    assert User.objects.get(phone_hash=stored_hash).phone == "+12135550100"
