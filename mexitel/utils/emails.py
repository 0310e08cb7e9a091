"""Pure: when two e-mail addresses are one mailbox. One table of providers, two rules that lean different ways.

``canonical_email`` is for the lock of five (DESIGN.md 4.5), where a wrong merge would lock two strangers together: it
merges only what the provider's own documentation promises. ``mailbox`` is for counting what one mailbox receives,
where a spelling that slips through costs more than a wrong merge: it drops tags everywhere.
An account's name is neither: it is the exact address. Canonical text never leaves as such, only its ``keyed_hash``.
"""

import unicodedata
from typing import NamedTuple


class Provider(NamedTuple):
    """One mail service: the name under which its domains are one (empty: each stays its own), whether dots are
    ignored, what starts a tag.
    """

    name: str
    ignores_dots: bool
    tag: str


_GMAIL = Provider("gmail.com", True, "+")
_OUTLOOK = Provider("", False, "+")
_ICLOUD = Provider("icloud.com", False, "+")
_PROTON = Provider("proton.me", True, "+")
_FASTMAIL = Provider("fastmail.com", False, "+")
_YAHOO = Provider("", False, "-")
PROVIDERS: dict[str, Provider] = {
    **dict.fromkeys(["gmail.com", "googlemail.com"], _GMAIL),
    **dict.fromkeys(
        ["outlook.com", "outlook.es", "hotmail.com", "hotmail.es", "live.com", "live.com.mx", "msn.com"], _OUTLOOK
    ),
    **dict.fromkeys(["icloud.com", "me.com", "mac.com"], _ICLOUD),
    **dict.fromkeys(["proton.me", "protonmail.com", "pm.me"], _PROTON),
    **dict.fromkeys(["fastmail.com", "fastmail.fm"], _FASTMAIL),
    **dict.fromkeys(["yahoo.com", "yahoo.com.mx", "yahoo.es", "ymail.com", "rocketmail.com"], _YAHOO),
}


def canonical_email(address: str) -> str:
    """One text for all spellings of one mailbox, as far as the provider table knows them.

    An unknown domain keeps its ``+tag``: there it may be part of the name. Privacy relays are normal mail.
    """
    local, domain = _parts(address)
    if domain.endswith((".fastmail.com", ".fastmail.fm")):  # anything@name.fastmail.com is name@fastmail.com
        local, domain = domain.split(".", 1)
    provider = PROVIDERS.get(domain)
    if provider is None:
        return f"{local}@{domain}"
    local = local.split(provider.tag, 1)[0] or local
    if provider.ignores_dots:
        local = local.replace(".", "")
    return f"{local}@{provider.name or domain}"


def domain_of(address: str) -> str:
    """What stands behind the last @ (all of it when there is none), as DNS knows it: lower case, punycode."""
    return _parts(address)[1]


def _parts(address: str) -> tuple[str, str]:
    local, _, domain = unicodedata.normalize("NFKC", address).strip().casefold().rpartition("@")
    try:
        return local, domain.rstrip(".").encode("idna").decode()
    except UnicodeError:
        return local, domain.rstrip(".")


def mailbox(address: str) -> str:
    """``canonical_email`` without a ``+tag``, whatever the domain."""
    local, _, domain = canonical_email(address).rpartition("@")
    return f"{local.split('+', 1)[0] or local}@{domain}"
