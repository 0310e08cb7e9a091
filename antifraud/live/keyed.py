"""Contacts of the portal's accounts as the engine compares them: keys that tell nothing by themselves.

The very code of the replay derives them (antifraud/identities.py); here the domain and the shape of an address become
keys too, since they are kept beside an account.
"""

from typing import Any

from antifraud.identities import KEY_BYTES, Mailbox, mailbox_of
from mexitel.utils.crypto import keyed_hash


def keyed_mailbox(address: str) -> Mailbox:
    box = mailbox_of(address)
    return box._replace(domain=_key("mail domain", box.domain), shape=_key("mail shape", box.shape))


def as_detail(box: Mailbox) -> dict[str, Any]:
    """For a sighting; ``from_detail`` reads it again."""
    return {"mailbox": box.key.hex(), "domain": box.domain, "shape": box.shape, "disposable": box.disposable}


def from_detail(detail: dict[str, Any]) -> Mailbox | None:
    if not detail.get("mailbox"):
        return None
    return Mailbox(bytes.fromhex(detail["mailbox"]), detail["domain"], detail["shape"], detail["disposable"])


def _key(kind: str, text: str) -> str:
    return keyed_hash(kind, text)[:KEY_BYTES].hex()
