"""Pure: whether two posts say the same in other numbers, order and ornaments."""

import re
from collections.abc import Hashable, Iterable
from typing import TypeVar

from rapidfuzz import fuzz, process

from antifraud.adverts.phrases import folded

# Below this many letters nearly everything resembles everything.
SHORTEST = 30
SIMILAR, SAME = 80, 92  # of 100
Key = TypeVar("Key", bound=Hashable)


def comparable(text: str) -> str:
    """Words alone: sellers change days, prices and phones from one post to the next."""
    return " ".join(re.sub(r"[\d$]", " ", folded(text)).split())


def alike(text: str, others: Iterable[tuple[Key, str]], *, least: int = SIMILAR) -> list[tuple[Key, int]]:
    """Those of ``others`` (key, text) that say nearly the same, from 0 to 100, the likest first."""
    own = comparable(text)
    if len(own) < SHORTEST:
        return []
    choices = {key: other for key, words in others if len(other := comparable(words)) >= SHORTEST}
    found = process.extract(own, choices, scorer=fuzz.token_sort_ratio, score_cutoff=least, limit=10)
    return [(key, round(score)) for _words, score, key in found]
