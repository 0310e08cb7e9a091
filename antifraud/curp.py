"""Pure: what the first sixteen letters of a CURP say about a person, and where a stated CURP says otherwise.

Source: Registro Nacional de Población, Instructivo Normativo para la Asignación de la Clave Única de Registro de
Población. In our words: 1-4 are the first letter and the first inner vowel of the first surname, the first letter of
the second surname and of the given name; 5-10 the birth date as yymmdd; 11 the sex; 12-13 the state of birth, NE
abroad; 14-16 the first inner consonant of each name. What does not exist, and Ñ, is X. Particles do not count.
MARIA and JOSE count only when no other given name follows. Where 1-4 would be a rude word, the second letter is X.

A contradiction is a hint for the person and evidence for a reviewer, never a refusal: the registry itself has errors.
Form and check digit: ``appointments.identities.check_curp``.
"""

import unicodedata
from datetime import date
from typing import NamedTuple

from appointments.identities import fold_name

ABROAD = "NE"
_UNKNOWN = "?"
_SEXES = {"M": "H", "F": "M"}  # Hombre, Mujer
_OVERSHADOWED = {"MARIA", "JOSE"}  # fold_name has written MA., M. and J. out
_MORE_PARTICLES = {"DAS", "DER", "DIE", "DD", "LE", "LES", "MAC"}
_RUDE_WORDS = """
BACA BAKA BUEI BUEY CACA CACO CAGA CAGO CAKA CAKO COGE COGI COJA COJE COJI COJO COLA CULO FALO FETO GETA GUEI GUEY JETA
JOTO KACA KACO KAGA KAGO KAKA KAKO KOGE KOGI KOJA KOJE KOJI KOJO KOLA KULO LILO LOCA LOCO LOKA LOKO MAME MAMO MEAR MEAS
MEON MIAR MION MOCO MOKO MULA MULO NACA NACO PEDA PEDO PENE PIPI PITO POPO PUTA PUTO QULO RATA ROBA ROBE ROBO RUIN SENO
TETA VACA VAGA VAGO VAKA VUEI VUEY WUEI WUEY
"""
_RUDE = frozenset(_RUDE_WORDS.split())
# Which letters of the sixteen each part of the form decides, counted from 0.
_POSITIONS = {
    "surname_1": (0, 1, 13),
    "surname_2": (2, 14),
    "given_names": (3, 15),
    "birth_date": (4, 5, 6, 7, 8, 9),
    "sex": (10,),
    "birth_state": (11, 12),
}


class Identity(NamedTuple):
    """What the form says. ``sex``: F, M or X; ``birth_state``: the registry's two letters, empty when unknown."""

    given_names: str
    surname_1: str
    surname_2: str
    birth_date: date
    sex: str
    birth_state: str = ""


def derive_curp(identity: Identity) -> str:
    """The first sixteen letters; ``?`` where the form does not say enough (sex X, no state of birth)."""
    first, second = _deciding_word(identity.surname_1), _deciding_word(identity.surname_2)
    return _derive(identity, first, second, _deciding_name(identity.given_names))


def contradictions(curp: str, identity: Identity) -> tuple[str, ...]:
    """The parts of the form that a stated CURP (compact, as ``check_curp`` returns it) does not bear out.

    Names of ``Identity``'s fields, in their order in the CURP. Kind where people and clerks differ: a second surname
    left empty says nothing; a compound name may have been entered by either word; the rude word may stand.
    """
    first, second = _deciding_word(identity.surname_1), _deciding_word(identity.surname_2)
    readings = [
        _derive(identity, first, second, name, polite=polite)
        for name in dict.fromkeys([_deciding_name(identity.given_names), _deciding_word(identity.given_names)])
        for polite in (True, False)
    ]
    silent = {"surname_2"} if not second else set()
    return min((_differing(curp, reading, silent) for reading in readings), key=len)


def _differing(curp: str, reading: str, silent: set[str]) -> tuple[str, ...]:
    return tuple(
        part
        for part, positions in _POSITIONS.items()
        if part not in silent and any(reading[i] not in (_UNKNOWN, curp[i : i + 1]) for i in positions)
    )


def _derive(identity: Identity, first: str, second: str, name: str, *, polite: bool = True) -> str:
    opening = _letter(first) + _inner(first, vowel=True) + _letter(second) + _letter(name)
    if polite and opening in _RUDE:
        opening = f"{opening[0]}X{opening[2:]}"
    sex = _SEXES.get(identity.sex, _UNKNOWN)
    state = identity.birth_state or _UNKNOWN * 2
    consonants = "".join(_inner(word, vowel=False) for word in (first, second, name))
    return f"{opening}{identity.birth_date:%y%m%d}{sex}{state}{consonants}"


def _words(text: str) -> list[str]:
    whole = unicodedata.normalize("NFC", text).upper().replace("Ñ", "X").replace("'", "").replace("’", "")
    return [word for word in fold_name(whole) if word not in _MORE_PARTICLES]


def _deciding_word(text: str) -> str:
    return next(iter(_words(text)), "")


def _deciding_name(given_names: str) -> str:
    words = _words(given_names)
    if len(words) > 1 and words[0] in _OVERSHADOWED:
        return words[1]
    return words[0] if words else ""


def _letter(word: str) -> str:
    return word[:1] or "X"


def _inner(word: str, *, vowel: bool) -> str:
    return next((letter for letter in word[1:] if (letter in "AEIOU") is vowel), "X")
