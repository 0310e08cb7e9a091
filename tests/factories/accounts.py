"""People for tests: ``UserFactory()`` is a citizen with e-mail; traits ``phone_alone``, ``with_phone``, ``staff``."""

import time
from itertools import count

import factory
from allauth.account.internal.flows.login import (
    _AUTHENTICATION_METHODS_USER_SESSION_KEY,
    AUTHENTICATION_METHODS_SESSION_KEY,
)
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP

from mexitel.accounts.models import User
from mexitel.accounts.second_factor import totp_at
from mexitel.utils.crypto import keyed_hash
from mexitel.utils.time import now

TOTP_SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
PASSWORD = "a long sentence for staff"
numbers = count(1000)


def a_phone() -> str:
    return f"+1213555{next(numbers)}"


class UserFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = User
        skip_postgeneration_save = True

    email = factory.Sequence(lambda n: f"persona{n}@example.com")
    password = "!"

    class Params:
        with_phone = factory.Trait(phone=factory.LazyFunction(a_phone), phone_verified_at=factory.LazyFunction(now))
        phone_alone = factory.Trait(with_phone=True, email=None)
        staff = factory.Trait(is_staff=True)
        superuser = factory.Trait(is_staff=True, is_superuser=True)

    phone_hash = factory.LazyAttribute(
        lambda made: keyed_hash("phone", made.phone) if getattr(made, "phone", "") else None
    )

    @factory.post_generation
    def second_factor(self, create, extracted, **kwargs):
        if create and self.needs_second_factor and extracted is not False:
            self.set_password(PASSWORD)
            self.save()
            TOTP.activate(self, TOTP_SECRET)


def sign_in(client, user):
    """A signed-in client, for staff with password and second factor on record."""
    client.force_login(user)
    if user.needs_second_factor:
        session = client.session
        session[AUTHENTICATION_METHODS_SESSION_KEY] = [
            {"method": method, "at": time.time()} for method in ("password", "mfa")
        ]
        session[_AUTHENTICATION_METHODS_USER_SESSION_KEY] = str(user.pk)
        session.save()
    return client


def totp_code(user) -> str:
    assert Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).exists()
    return totp_at(TOTP_SECRET, now())
