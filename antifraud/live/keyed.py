"""A mailbox in a sighting: the keys that the engine compares (antifraud/identities.py), as JSON."""

from typing import Any

from antifraud.identities import Mailbox


def as_detail(box: Mailbox) -> dict[str, Any]:
    return {"mailbox": box.key.hex(), "domain": box.domain, "shape": box.shape, "disposable": box.disposable}


def from_detail(detail: dict[str, Any]) -> Mailbox | None:
    if not detail.get("mailbox"):
        return None
    return Mailbox(bytes.fromhex(detail["mailbox"]), detail["domain"], detail["shape"], detail["disposable"])
