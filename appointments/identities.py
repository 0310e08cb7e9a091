"""Pure: what makes two addresses one mailbox, two spellings one name, and a CURP believable. No database, no
clock.

Sources: the providers' own documentation of dots and tags; Registro Nacional de Población for the CURP (check
digit by ``stdnum.mx.curp``). Canonical text never leaves as such: ``mexitel.utils.crypto.keyed_hash`` turns
it into a key.
"""

import re
import unicodedata
from datetime import date
from typing import NamedTuple

import stdnum.exceptions
from stdnum.mx import curp as stdnum_curp

from mexitel.utils.crypto import keyed_hash


class Provider(NamedTuple):
    """One mail service: the name under which its domains are one, whether dots are ignored, what starts a
    tag.
    """

    name: str
    ignores_dots: bool
    tag: str


_GMAIL = Provider("gmail.com", True, "+")
_OUTLOOK = Provider("", False, "+")
_PROTON = Provider("proton.me", True, "+")
_FASTMAIL = Provider("fastmail.com", False, "+")
_YAHOO = Provider("", False, "-")
PROVIDERS: dict[str, Provider] = {
    **dict.fromkeys(["gmail.com", "googlemail.com"], _GMAIL),
    **dict.fromkeys(
        ["outlook.com", "outlook.es", "hotmail.com", "hotmail.es", "live.com", "live.com.mx", "msn.com"],
        _OUTLOOK,
    ),
    **dict.fromkeys(["icloud.com", "me.com", "mac.com"], Provider("icloud.com", False, "+")),
    **dict.fromkeys(["proton.me", "protonmail.com", "pm.me"], _PROTON),
    **dict.fromkeys(["fastmail.com", "fastmail.fm"], _FASTMAIL),
    **dict.fromkeys(["yahoo.com", "yahoo.com.mx", "yahoo.es", "ymail.com", "rocketmail.com"], _YAHOO),
}


def canonical_email(address: str) -> str:
    """One text for all spellings of one mailbox, as far as the provider table knows them.

    An unknown domain keeps its ``+tag``: there it may be part of the name, and a wrong merge would lock two
    strangers together. Privacy relays are normal mail.
    """
    local, _, domain = unicodedata.normalize("NFKC", address).strip().casefold().rpartition("@")
    try:
        domain = domain.rstrip(".").encode("idna").decode()
    except UnicodeError:
        domain = domain.rstrip(".")
    if domain.endswith((".fastmail.com", ".fastmail.fm")):  # anything@name.fastmail.com is name@fastmail.com
        local, domain = domain.split(".", 1)
    provider = PROVIDERS.get(domain)
    if provider is None:
        return f"{local}@{domain}"
    local = local.split(provider.tag, 1)[0] or local
    if provider.ignores_dots:
        local = local.replace(".", "")
    return f"{local}@{provider.name or domain}"


_PARTICLES = {"DE", "DEL", "LA", "LAS", "LOS", "EL", "Y", "E", "MC", "VON", "VAN", "DA", "DI"}
_SHORT_NAMES = {"MA": "MARIA", "M": "MARIA", "J": "JOSE"}


def fold_name(name: str) -> list[str]:
    """Upper-case tokens without accents and particles, Ñ as N, short forms written out: for comparison only."""
    plain = unicodedata.normalize("NFKD", name.upper())
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    tokens = re.split(r"[^A-Z]+", plain)
    return [_SHORT_NAMES.get(token, token) for token in tokens if token and token not in _PARTICLES]


def identity_hash(*, given_names: str, surname_1: str, surname_2: str, birth_date: date) -> bytes:
    """The key of a person as named: order-free over the name tokens, with the birth date."""
    tokens = sorted(fold_name(f"{given_names} {surname_1} {surname_2}"))
    return keyed_hash("person", f"{' '.join(tokens)}|{birth_date.isoformat()}")


class CurpProblem(ValueError):
    """The CURP cannot be right. ``code``: "form", "check_digit" or "birth_date"."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


# The registry alters rude openings and knows more than two sexes; stdnum refuses both, and we refuse nobody
# for it.
_CURP_FORM = re.compile(r"[A-Z]{4}\d{6}[A-Z]{6}[0-9A-Z]\d")


def check_curp(text: str, *, birth_date: date) -> str:
    """The CURP in its compact form. Raises CurpProblem when form, check digit or birth date cannot be right."""
    compact = re.sub(r"[\s-]", "", text).upper().replace("Ñ", "X")
    if not _CURP_FORM.fullmatch(compact):
        raise CurpProblem("form")
    try:
        check_digit = stdnum_curp.calc_check_digit(compact[:17])
    except (ValueError, stdnum.exceptions.ValidationError) as error:
        raise CurpProblem("form") from error
    if check_digit != compact[17]:
        raise CurpProblem("check_digit")
    if compact[4:10] != birth_date.strftime("%y%m%d") or compact[16].isdigit() != (birth_date.year < 2000):
        raise CurpProblem("birth_date")
    return compact
