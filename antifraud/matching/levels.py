"""Two prepared records -> one level of agreement for each field, in the words of weights.toml.

A level says what a reader would say who lays both forms side by side: the same, a slip of the finger, alike, another
one, or nothing to compare. Every comparison is symmetric.
"""

from typing import NamedTuple

import stdnum.exceptions
from rapidfuzz.distance import OSA, JaroWinkler
from stdnum.mx import curp as stdnum_curp

from antifraud.matching.names import EVERYDAY_NAMES
from antifraud.matching.records import Person

ALIKE = 0.85  # Jaro-Winkler
# Positions of a CURP, from 0, that tell twins apart: the given name's initial and consonant, the sex, the mark for
# homonyms, the check digit.
_KIN_POSITIONS = {3, 10, 15, 16, 17}
_HIS_AND_HERS = ({"O", "A"}, {"E", "A"})


class Levels(NamedTuple):
    order: str
    given: str
    surname: str
    birth_date: str
    sex: str
    document: str
    number: str
    street: str
    locality: str
    postal_code: str
    state: str


def compare(a: Person, b: Person) -> Levels:
    order = "straight"
    given, surname = compare_given(a, b), compare_surnames(a, b)
    if given == "other" or surname == "other":
        crossed = compare_crossed(a, b)
        if crossed:
            order, given, surname = "swapped", *crossed
    return Levels(
        order,
        given,
        surname,
        compare_dates(a.birth_date, b.birth_date),
        compare_exact(a.sex, b.sex),
        compare_documents(a, b),
        compare_codes(a.number, b.number),
        compare_texts(a.street, b.street),
        compare_texts(a.locality, b.locality),
        compare_codes(a.postal_code, b.postal_code),
        compare_exact(a.state, b.state),
    )


def compare_given(a: Person, b: Person) -> str:
    """``part``: one says less than the other (MARIA, MARIA FERNANDA; J, JUAN)."""
    if not a.given or not b.given:
        return "missing"
    if a.given == b.given:
        return "same"
    mine, yours = set(a.given_tokens), set(b.given_tokens)
    if mine == yours:
        return "same"
    if mine < yours or yours < mine or is_initial(a, b):
        return "part"
    shared = mine & yours
    if shared:  # JUAN CARLOS and JUAN PABLO are brothers: what they share says nothing
        return compare_words("".join(sorted(mine - shared)), "".join(sorted(yours - shared)))
    return compare_words(a.given, b.given)


def is_initial(a: Person, b: Person) -> bool:
    shorter, longer = sorted((a.given, b.given), key=len)
    return len(shorter) == 1 and longer.startswith(shorter)


def compare_surnames(a: Person, b: Person) -> str:
    """``both``: two surnames agree. ``same``: all that both state. ``half``: one agrees, the other does not."""
    if not a.surname or not b.surname:
        return "missing"
    if a.surname == b.surname:
        return "both" if a.two_surnames and b.two_surnames else "same"
    mine, yours = set(a.surname_tokens), set(b.surname_tokens)
    if mine == yours:
        return "slip"  # the maternal surname first
    if mine < yours or yours < mine:
        return "same"
    shared = mine & yours
    if shared:
        rest = compare_words("".join(sorted(mine - shared)), "".join(sorted(yours - shared)))
        return "half" if rest == "other" else rest
    level = compare_words(a.surname, b.surname)
    if level == "other" and a.two_surnames != b.two_surnames:
        return compare_words(a.surname_tokens[0], b.surname_tokens[0])
    return level


def compare_crossed(a: Person, b: Person) -> tuple[str, str] | None:
    """The levels with one record's given name and surname exchanged, if both then agree.

    Which of the two records has them exchanged nobody knows: a slip always counts as the surname's.
    """
    better, worse = sorted((compare_words(a.given, b.surname), compare_words(a.surname, b.given)))
    return (better, worse) if {better, worse} <= {"same", "slip"} else None


def compare_words(a: str, b: str) -> str:
    """``slip``: one letter wrong, too many, missing, or two exchanged; but two names that people bear are ``alike``."""
    if a == b:
        return "same"
    if not a or not b:
        return "missing"
    if OSA.distance(a, b, score_cutoff=1) <= 1:
        return "alike" if are_two_names(a, b) else "slip"
    return "alike" if JaroWinkler.similarity(a, b) >= ALIKE else "other"


def are_two_names(a: str, b: str) -> bool:
    """MARIO and MARCO; or only the ending that makes a man's name a woman's: LAUREANO and LAUREANA."""
    if a in EVERYDAY_NAMES and b in EVERYDAY_NAMES:
        return True
    if len(a) == len(b):
        return a[:-1] == b[:-1] and {a[-1], b[-1]} in _HIS_AND_HERS
    shorter, longer = sorted((a, b), key=len)
    return longer == f"{shorter}A"


def compare_dates(a: str, b: str) -> str:
    """``slip``: one digit. ``swapped``: day for month. ``part``: two of year, month and day."""
    if not a or not b:
        return "missing"
    if a == b:
        return "same"
    if a[:4] == b[:4] and a[4:6] == b[6:] and a[6:] == b[4:6]:
        return "swapped"
    if OSA.distance(a, b, score_cutoff=1) <= 1:
        return "slip"
    if (a[:4] == b[:4]) + (a[4:6] == b[4:6]) + (a[6:] == b[6:]) == 2:
        return "part"
    return "other"


def compare_documents(a: Person, b: Person) -> str:
    """``same``, ``slip``, ``other``: numbers, equal, one edit apart, or not.

    Of documents that are derived from name and date, ``echo``: equal or one edit apart; ``another``: not. ``kin``: one
    letter apart where those of twins are, or, as the numbers of a family that came to the counter together, in the last
    digit. Documents of two kinds cannot be compared.
    """
    mine, yours = a.document, b.document
    if not mine or not yours or a.derived != b.derived:
        return "missing"
    if mine == yours:
        return "echo" if a.derived else "same"
    if OSA.distance(mine, yours, score_cutoff=1) <= 1:
        return compare_near_documents(mine, yours, derived=a.derived)
    if abs(len(mine) - len(yours)) > 1:
        return "missing"
    return "another" if a.derived else "other"


def compare_near_documents(a: str, b: str, *, derived: bool) -> str:
    """For two documents one edit apart."""
    differing = [i for i, letters in enumerate(zip(a, b, strict=False)) if letters[0] != letters[1]]
    one_letter = len(a) == len(b) and len(differing) == 1
    if not derived:
        return "kin" if one_letter and differing[0] == len(a) - 1 else "slip"
    if one_letter and len(a) == 18 and (differing[0] in _KIN_POSITIONS or (is_curp(a) and is_curp(b))):
        return "kin"
    return "echo"


def is_curp(text: str) -> bool:
    try:
        return stdnum_curp.calc_check_digit(text[:17]) == text[17:]
    except (ValueError, stdnum.exceptions.ValidationError):
        return False


def compare_codes(a: str, b: str) -> str:
    if not a or not b:
        return "missing"
    if a == b:
        return "same"
    return "slip" if OSA.distance(a, b, score_cutoff=1) <= 1 else "other"


def compare_texts(a: str, b: str) -> str:
    if not a or not b:
        return "missing"
    if a == b:
        return "same"
    if OSA.distance(a, b, score_cutoff=2) <= 2:
        return "slip"
    return "alike" if JaroWinkler.similarity(a, b) >= ALIKE else "other"


def compare_exact(a: str, b: str) -> str:
    if not a or not b:
        return "missing"
    return "same" if a == b else "other"
