"""Whose account a caller means. In the whole network: people call an office about an appointment in another."""

import phonenumbers

from appointments.models import Appointment
from mexitel.accounts.models import User
from mexitel.utils.crypto import keyed_hash


def account_of(typed: str) -> User | None:
    """By a reference in any spelling, or by a phone that exactly one account has verified."""
    reference = "".join(letter for letter in typed.upper() if letter.isalnum())
    booked = Appointment.objects.filter(reference=reference).select_related("account").first()
    if booked is not None:
        return booked.account
    try:
        number = phonenumbers.parse(typed, "US")
    except phonenumbers.NumberParseException:
        return None
    phone = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    found = list(User.objects.filter(phone_hash=keyed_hash("phone", phone), deleted_at=None, is_staff=False)[:2])
    return found[0] if len(found) == 1 else None
