"""What this room asks of one that may not be there yet."""

from dataclasses import dataclass
from uuid import UUID

from django.utils.module_loading import import_string

VALIDATED_CONTACT = "antifraud.validation.contacts.validated_contact"


@dataclass(frozen=True)
class Contact:
    """Where somebody has shown that they read us; either may be empty."""

    email: str = ""
    phone: str = ""
    language: str = "es"


def contact_of_applicant(appointment_id: UUID) -> Contact | None:
    """Of who attends, apart from whoever booked; None when they have shown none."""
    try:
        validated_contact = import_string(VALIDATED_CONTACT)
    except ImportError:
        return None
    return validated_contact(appointment_id)
