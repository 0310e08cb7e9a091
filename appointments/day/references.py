"""Pure: a reference as somebody writes or reads it out, and whether its check letter stands (sql: new_reference)."""

LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 9
_LOOK_ALIKE = str.maketrans({"O": "0", "I": "1", "L": "1"})


def fold_reference(text: str) -> str:
    """``a7k2 mo9x-l`` becomes ``A7K2M09X1``: capitals, no spaces or dashes, O as 0, I and L as 1."""
    return "".join(letter for letter in text.upper() if letter.isalnum()).translate(_LOOK_ALIKE)


def is_sound(reference: str) -> bool:
    """Nine letters whose last one fits the others (Luhn, mod 32): one wrong letter is always noticed."""
    if len(reference) != LENGTH or any(letter not in LETTERS for letter in reference):
        return False
    total = 0
    for place, letter in enumerate(reversed(reference)):
        digit = LETTERS.index(letter) * (1 + place % 2)
        total += digit // 32 + digit % 32
    return total % 32 == 0
