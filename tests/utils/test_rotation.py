"""Field keys change while people book, and an old key can be dropped afterwards."""

import pytest
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from cryptography.fernet import Fernet, InvalidToken
from django.core.management import call_command

from appointments.models import Applicant, BookingDraft
from mexitel.accounts.second_factor import use_code
from mexitel.utils import crypto
from mexitel.utils.time import now as clock
from tests.factories.accounts import UserFactory, totp_code

pytestmark = pytest.mark.django_db
NEW_KEY = Fernet.generate_key().decode()


@pytest.fixture
def people(db):
    for number in range(3):
        account = UserFactory(with_phone=True)
        Applicant.objects.create(
            account=account,
            given_names="Ada",
            surname_1="R\u00edos",
            birth_date=f"198{number}-04-05",
            identity_hash=bytes([number]) * 32,
            is_minor=False,
        )
    BookingDraft.objects.create(account=account, answers="{}", updated_at=clock())


def test_old_key_can_be_dropped_after_the_rotation(people, settings, capsys):
    old = settings.FIELD_KEYS
    settings.FIELD_KEYS = [NEW_KEY, *old]
    call_command("rotate_field_keys")
    settings.FIELD_KEYS = [NEW_KEY]

    assert sorted(Applicant.objects.values_list("birth_date", flat=True)) == ["1980-04-05", "1981-04-05", "1982-04-05"]
    assert set(Applicant.objects.values_list("curp", flat=True)) == {""}
    assert BookingDraft.objects.get().answers == "{}"
    assert "appointments_applicant: 3 rows" in capsys.readouterr().out


def test_control_without_the_rotation_the_old_key_is_needed(people, settings):
    settings.FIELD_KEYS = [NEW_KEY]

    with pytest.raises(InvalidToken):
        list(Applicant.objects.all())


def test_rotation_goes_on_over_many_batches(people, settings, monkeypatch):
    from mexitel.utils.management.commands import rotate_field_keys

    monkeypatch.setattr(rotate_field_keys, "BATCH", 1)
    settings.FIELD_KEYS = [NEW_KEY, *settings.FIELD_KEYS]
    call_command("rotate_field_keys", verbosity=0)
    settings.FIELD_KEYS = [NEW_KEY]

    assert Applicant.objects.count() == len(list(Applicant.objects.all())) == 3


def test_second_run_finds_nothing_to_do(people, settings, capsys):
    settings.FIELD_KEYS = [NEW_KEY, *settings.FIELD_KEYS]
    call_command("rotate_field_keys")
    capsys.readouterr()
    call_command("rotate_field_keys")

    assert {line.rpartition(": ")[2] for line in capsys.readouterr().out.splitlines()} == {"0 rows sealed again"}


def test_row_that_somebody_changed_meanwhile_keeps_the_change(people, settings, monkeypatch):
    """Between reading and writing, the person's own edit arrives, sealed with the key of today."""
    settings.FIELD_KEYS = [NEW_KEY, *settings.FIELD_KEYS]
    first = Applicant.objects.order_by("pk").first()
    seal = crypto.rotate

    def edited_meanwhile(token):
        if Applicant.objects.get(pk=first.pk).birth_date != "2001-01-01":
            Applicant.objects.filter(pk=first.pk).update(birth_date="2001-01-01")
        return seal(token)

    monkeypatch.setattr(crypto, "rotate", edited_meanwhile)
    crypto.reseal(Applicant, ["birth_date", "curp"], batch=10)
    settings.FIELD_KEYS = [NEW_KEY]

    assert Applicant.objects.get(pk=first.pk).birth_date == "2001-01-01"
    assert len(list(Applicant.objects.all())) == 3


def test_staff_keep_their_second_factor_when_the_old_key_is_dropped(db, settings):
    old = settings.FIELD_KEYS
    officer = UserFactory(staff=True)
    recovery = RecoveryCodes.activate(officer).get_unused_codes()[0]
    settings.FIELD_KEYS = [NEW_KEY, *old]
    call_command("rotate_field_keys")
    settings.FIELD_KEYS = [NEW_KEY]

    assert use_code(user=officer, code=totp_code(officer), now=clock())
    assert use_code(user=officer, code=recovery, now=clock())
