"""Pure but for chance: the number by which somebody who has no account asks what became of what they told."""

import re
import secrets

from mexitel.utils.crypto import keyed_hash

# Without I, L, O and U: read aloud and copied by hand.
LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 10
READ_AS = str.maketrans("OIL", "011")


def new() -> str:
    """AV-7K3M9-QXD2A: 50 bits, so that nobody guesses another's."""
    drawn = "".join(secrets.choice(LETTERS) for _ in range(LENGTH))
    return f"AV-{drawn[:5]}-{drawn[5:]}"


def key_of(typed: str) -> bytes | None:
    """The keyed hash under which a notice is found, however its number was typed; None when it cannot be one."""
    text = re.sub(r"[\s–-]", "", typed).upper()
    text = (text[2:] if text.startswith("AV") and len(text) == LENGTH + 2 else text).translate(READ_AS)
    if len(text) != LENGTH or not set(text) <= set(LETTERS):
        return None
    return keyed_hash("advert receipt", text)
