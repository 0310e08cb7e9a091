"""The link in a reminder: it opens without signing in, shows initials only, and can only say "we are coming"."""

from uuid import UUID

from django.core import signing

from appointments.links import BadLink, public_url

SALT = "coming.1"


def token_for(party_id: UUID) -> str:
    return signing.Signer(salt=SALT, sep=".").sign(party_id.hex)


def read_token(token: str) -> UUID:
    """The party. Raises BadLink."""
    try:
        return UUID(hex=signing.Signer(salt=SALT, sep=".").unsign(token))
    except (signing.BadSignature, ValueError) as error:
        raise BadLink from error


def coming_url(party_id: UUID) -> str:
    """With the portal's own address, for mails. Never written to a log."""
    return public_url("coming", token_for(party_id))
