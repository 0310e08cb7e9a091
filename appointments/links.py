"""The link to a confirmation page: it opens without signing in, cannot be guessed, and nothing of it is stored.

``<kind><id><proof>`` in URL-safe base64, 44 letters: the id of a party or of an appointment (128 bits) and
the first 128 bits of a keyed hash that serves this purpose alone. The page behind it names nobody and changes
nothing, so a link may live in a mailbox. Counting ``PURPOSE`` up ends every link at once.
"""

import base64
import binascii
import hmac
from typing import Literal, NamedTuple
from uuid import UUID

from django.conf import settings
from django.urls import reverse

from appointments.models import Appointment
from mexitel.utils.crypto import keyed_hash

PURPOSE = "receipt.link.1"
PROOF_BYTES = 16
LENGTH = 44

Kind = Literal["party", "appointment"]
_MARKS: dict[Kind, bytes] = {"party": b"P", "appointment": b"A"}


class Subject(NamedTuple):
    """What a link opens: a party, or one appointment of it."""

    kind: Kind
    id: UUID


class BadLink(ValueError):
    """Not one of ours: mistyped, cut short or made up."""


def token_for(subject: Appointment | UUID) -> str:
    """The token of one appointment, or of the party that a bare id names."""
    if isinstance(subject, Appointment):
        return _write(Subject("appointment", subject.pk))
    return _write(Subject("party", subject))


def read_token(token: str) -> Subject:
    """Raises BadLink."""
    if len(token) != LENGTH or not token.isascii():
        raise BadLink
    try:
        raw = base64.b64decode(token, altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadLink from error
    for kind, mark in _MARKS.items():
        subject = Subject(kind, UUID(bytes=raw[1:17]))
        # The whole text is compared, so that one link has one spelling.
        if raw[:1] == mark and hmac.compare_digest(token, _write(subject)):
            return subject
    raise BadLink


def receipt_path(subject: Appointment | UUID) -> str:
    """For links between pages."""
    return reverse("receipt", args=[token_for(subject)])


def receipt_url(subject: Appointment | UUID) -> str:
    """For mails and calendar files: with the portal's own address. Never written to a log."""
    return public_url("receipt", token_for(subject))


def public_url(name: str, *args: object) -> str:
    return settings.PUBLIC_URL.rstrip("/") + reverse(name, args=args)


def _write(subject: Subject) -> str:
    return base64.urlsafe_b64encode(_MARKS[subject.kind] + subject.id.bytes + _proof(subject)).decode()


def _proof(subject: Subject) -> bytes:
    return keyed_hash(PURPOSE, f"{subject.kind} {subject.id}")[:PROOF_BYTES]
