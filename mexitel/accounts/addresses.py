"""Pure: what a person types as an e-mail address or phone, and the one form we keep of it."""

import phonenumbers
from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator
from django.utils.translation import gettext_lazy as _

DEFAULT_REGION = "US"
COUNTRIES_WITH_SMS = frozenset({"US", "MX", "PR", "CA"})


def exact_email(text: str) -> str:
    """The address as an account's name: trimmed and lower-case, nothing else changed."""
    return text.strip().lower()


def clean_email(text: str) -> str:
    """``exact_email`` of a plausible address. Raises ValidationError with a sentence for the person."""
    address = exact_email(text)
    message = _("Enter an e-mail address like name@example.com.")
    if len(address) > 254 or not address.isprintable() or not address.isascii():
        raise ValidationError(message, code="email")
    EmailValidator(message=message)(address)
    return address


def canonical_phone(text: str, region: str = DEFAULT_REGION) -> str:
    """E.164 of a number typed in the United States or Mexico. Raises ValidationError when it cannot be one."""
    message = _("Enter a number of 10 digits, or with + and the country code, like +52 55 1234 5678.")
    if "\x00" in text or len(text) > 40:
        raise ValidationError(message, code="phone")
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        raise ValidationError(message, code="phone") from None
    if not phonenumbers.is_possible_number(number):
        raise ValidationError(message, code="phone")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def takes_sms(e164: str) -> bool:
    """Whether we send text messages to this number's country: premium numbers elsewhere are how SMS is abused."""
    number = phonenumbers.parse(e164)
    return phonenumbers.region_code_for_number(number) in COUNTRIES_WITH_SMS


def phone_prefix(e164: str) -> str:
    """The block of a thousand or so numbers that bought together give themselves away."""
    return e164[:-4]


def masked(address: str) -> str:
    """Enough of an e-mail or phone to recognise one's own: ``ma•••@gmail.com``, ``•••• 5678``."""
    local, at, domain = address.partition("@")
    return f"{local[:2]}•••@{domain}" if at else f"•••• {address[-4:]}"
