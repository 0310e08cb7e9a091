"""Pure: what makes two spellings one name, and a CURP believable. No database, no clock.

Source: Registro Nacional de Población (check digit by ``stdnum.mx.curp``). Folded text never leaves as such:
``mexitel.utils.crypto.keyed_hash`` turns it into a key. What makes two addresses one mailbox: mexitel/utils/emails.py.
"""

import re
import unicodedata
from datetime import date

import stdnum.exceptions
from stdnum.mx import curp as stdnum_curp

from mexitel.utils.crypto import keyed_hash

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
