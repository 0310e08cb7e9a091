"""Tickets: letters that say nothing of the person. Twenty of 22 letters are 89 random bits."""

import secrets

# Without I, L, O and U, which are mistaken for others when they are read out.
LETTERS = "ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 20


def new_code() -> str:
    return "".join(secrets.choice(LETTERS) for _ in range(LENGTH))


def in_groups(code: str) -> str:
    """``ABCDE FGHJK MNPQR STVWX``: as a person reads it."""
    return " ".join(code[at : at + 5] for at in range(0, len(code), 5))
