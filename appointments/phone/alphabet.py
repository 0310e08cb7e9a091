"""Pure: a reference as it is said letter by letter, and the hour as people say it. In Spanish and English, whatever
language the agent's page has: the words are for the caller's ear.
"""

from collections.abc import Sequence
from datetime import time
from typing import Literal

Tongue = Literal["es", "en"]

# Spanish: the names that telephone agents in Mexico use. English: the NATO words.
LETTERS: dict[str, dict[str, str]] = {
    "es": {
        "A": "Ana", "B": "Beto", "C": "Carlos", "D": "Daniel", "E": "Elena", "F": "Federico", "G": "Gloria",
        "H": "Hugo", "I": "Irma", "J": "José", "K": "kilo", "L": "Luis", "M": "María", "N": "Norma", "O": "Óscar",
        "P": "Pedro", "Q": "queso", "R": "Rosa", "S": "Sara", "T": "Tomás", "U": "Úrsula", "V": "Víctor",
        "W": "Wenceslao", "X": "Xóchitl", "Y": "Yolanda", "Z": "Zacarías",
    },
    "en": {
        "A": "Alpha", "B": "Bravo", "C": "Charlie", "D": "Delta", "E": "Echo", "F": "Foxtrot", "G": "Golf",
        "H": "Hotel", "I": "India", "J": "Juliet", "K": "Kilo", "L": "Lima", "M": "Mike", "N": "November",
        "O": "Oscar", "P": "Papa", "Q": "Quebec", "R": "Romeo", "S": "Sierra", "T": "Tango", "U": "Uniform",
        "V": "Victor", "W": "Whiskey", "X": "X-ray", "Y": "Yankee", "Z": "Zulu",
    },
}  # fmt: skip
JOINED = {"es": "{letter} de {word}", "en": "{letter} as in {word}"}
GROUPS = (4, 4, 1)

UNITS = {
    "es": [
        "cero", "uno", "dos", "tres", "cuatro", "cinco", "seis", "siete", "ocho", "nueve", "diez", "once", "doce",
        "trece", "catorce", "quince", "dieciséis", "diecisiete", "dieciocho", "diecinueve", "veinte", "veintiuno",
        "veintidós", "veintitrés", "veinticuatro", "veinticinco", "veintiséis", "veintisiete", "veintiocho",
        "veintinueve",
    ],
    "en": [
        "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
        "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
    ],
}  # fmt: skip
TENS = {
    "es": {3: "treinta", 4: "cuarenta", 5: "cincuenta"},
    "en": {2: "twenty", 3: "thirty", 4: "forty", 5: "fifty"},
}
HOURS_ES = ["doce", "una", "dos", "tres", "cuatro", "cinco", "seis", "siete", "ocho", "nueve", "diez", "once"]


def spelled(reference: str, tongue: Tongue = "es") -> list[str]:
    """One line for each breath: ``A de Ana, 4, K de kilo, 7``."""
    return [", ".join(_said(sign, tongue) for sign in group) for group in _groups(reference)]


def _groups(reference: str) -> Sequence[str]:
    signs, groups = reference.replace("-", ""), []
    for length in GROUPS:
        groups.append(signs[:length])
        signs = signs[length:]
    return [group for group in [*groups, signs] if group]


def _said(sign: str, tongue: Tongue) -> str:
    word = LETTERS[tongue].get(sign.upper())
    return JOINED[tongue].format(letter=sign.upper(), word=word) if word else sign


def number(value: int, tongue: Tongue) -> str:
    """0 to 59 in words."""
    units = UNITS[tongue]
    if value < len(units):
        return units[value]
    tens, rest = divmod(value, 10)
    if not rest:
        return TENS[tongue][tens]
    return TENS[tongue][tens] + (" y " if tongue == "es" else "-") + units[rest]


def hour(at: time, tongue: Tongue) -> str:
    """``a las diez y media de la mañana``; ``at ten thirty in the morning``."""
    return _hour_es(at) if tongue == "es" else _hour_en(at)


def _hour_es(at: time) -> str:
    twelve = at.hour % 12
    minutes = {0: "", 15: " y cuarto", 30: " y media"}.get(at.minute, f" y {number(at.minute, 'es')}")
    if at.hour == 12:
        part = "del mediodía" if not at.minute else "de la tarde"
    else:
        part = "de la mañana" if at.hour < 12 else "de la tarde" if at.hour < 19 else "de la noche"
    return f"a {'la' if twelve == 1 else 'las'} {HOURS_ES[twelve]}{minutes} {part}"


def _hour_en(at: time) -> str:
    if at.hour == 12 and not at.minute:
        return "at noon"
    minutes = "" if not at.minute else f" {'oh ' if at.minute < 10 else ''}{number(at.minute, 'en')}"
    part = "in the morning" if at.hour < 12 else "in the afternoon" if at.hour < 18 else "in the evening"
    return f"at {number(at.hour % 12 or 12, 'en')}{minutes} {part}"
