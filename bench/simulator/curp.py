"""The CURP that the registry would give a person, written from its published rules and from nothing of the portal's.

Four letters of the names, birth date, sex, state of birth (``NE`` abroad), three inner consonants, a character against
duplicates (a digit before 2000, a letter from 2000) and a check digit.
"""

import unicodedata
from random import Random

# Long lists of words, as they are read.
words = str.split
ALPHABET = "0123456789ABCDEFGHIJKLMNÑOPQRSTUVWXYZ"
STATES = words("AS BC BS CC CL CM CS CH DF DG GT GR HG JC MC MN MS NT NL OC PL QT QR SP SL SR TC TS TL VZ YN ZS")
PARTICLES = frozenset(words("DA DAS DE DEL DER DI DIE DD EL LA LAS LE LES LOS MAC MC VAN VON Y"))
USUAL_FIRST = frozenset(words("MARIA MA MA. M M. JOSE J J."))
# Openings that the registry alters so that nobody carries a rude word; the second letter becomes X.
RUDE = frozenset(
    words(
        "BACA BAKA BUEI BUEY CACA CACO CAGA CAGO CAKA CAKO COGE COGI COJA COJE COJI COJO COLA CULO FALO FETO GETA"
        " GUEI GUEY JETA JOTO KACA KACO KAGA KAGO KAKA KAKO KOGE KOGI KOJA KOJE KOJI KOJO KOLA KULO LILO LOCA LOCO"
        " LOKA LOKO MAME MAMO MEAR MEAS MEON MIAR MION MOCO MOKO MULA MULO NACA NACO PEDA PEDO PENE PIPI PITO POPO"
        " PUTA PUTO QULO RATA ROBA ROBE ROBO RUIN SENO TETA VACA VAGA VAGO VAKA VUEI VUEY WUEI WUEY"
    )
)


def derive(given: str, first: str, second: str, born: str, sex: str, state: str, twin: int = 0) -> str:
    """The eighteen characters for a person; ``born`` is ``YYYY-MM-DD``, ``twin`` counts equal people before."""
    given, first, second = leading_given(given), leading_surname(first), leading_surname(second)
    letters = first[:1] + inner(first, "AEIOU") + (second[:1] or "X") + given[:1]
    letters = letters[0] + "X" + letters[2:] if letters in RUDE else letters
    tail = inner(first, CONSONANTS) + inner(second, CONSONANTS) + inner(given, CONSONANTS)
    extra = str(twin) if born < "2000" else chr(ord("A") + twin)
    body = letters + born[2:4] + born[5:7] + born[8:10] + {"F": "M", "M": "H"}.get(sex, "X") + state + tail + extra
    return body + check_digit(body)


CONSONANTS = "BCDFGHJKLMNPQRSTVWXYZ"


def check_digit(body: str) -> str:
    total = sum(ALPHABET.index(letter) * (18 - place) for place, letter in enumerate(body))
    return str((10 - total % 10) % 10)


def plain(text: str) -> str:
    """Upper case without accents; Ñ becomes the X that the registry writes for it."""
    kept = unicodedata.normalize("NFC", text).upper().replace("Ñ", "X")
    folded = unicodedata.normalize("NFKD", kept)
    return "".join(letter for letter in folded if not unicodedata.combining(letter))


def leading_surname(text: str) -> str:
    words = plain(text).replace("-", " ").split()
    return next((word for word in words if word not in PARTICLES), "")


def leading_given(text: str) -> str:
    words = [word for word in plain(text).split() if word not in PARTICLES]
    return words[1] if len(words) > 1 and words[0] in USUAL_FIRST else words[0]


def inner(word: str, letters: str) -> str:
    return next((letter for letter in word[1:] if letter in letters), "X")


def spoilt(rng: Random, true: str, other: str) -> str:
    """An invented CURP: a wrong check digit, somebody else's, or characters at random in the right places."""
    way = rng.random()
    if way < 0.4:
        return true[:17] + str((int(true[17]) + rng.randint(1, 9)) % 10)
    if way < 0.7:
        return other
    letters = "".join(rng.choice(CONSONANTS + "AEIOU") for _ in range(4))
    date = f"{rng.randint(50, 99)}{rng.randint(1, 12):02d}{rng.randint(1, 28):02d}"
    tail = "".join(rng.choice(CONSONANTS) for _ in range(3))
    return letters + date + rng.choice("HM") + rng.choice(STATES) + tail + f"{rng.randint(0, 99):02d}"
