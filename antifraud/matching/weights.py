"""weights.toml -> bits: how much each level of each field speaks for one person, in the manner of Fellegi and Sunter.

Bits are log2 of how often one person's two records agree so, over how often those of two others do. There are two
others: strangers, and relatives under one roof, who share surnames and address by nature, so that against them only
given name, birth date, sex and document speak. A missing cell weighs nothing. How the shares were counted stands in
the table's head; bench/matching/fit.py counts them again.
"""

import math
import tomllib
from pathlib import Path
from typing import NamedTuple

from antifraud.matching.levels import Levels


class Bits(NamedTuple):
    strangers: float
    relatives: float


NOTHING = Bits(0.0, 0.0)


def read_weights(text: str) -> list[dict[str, Bits]]:
    """One mapping of level to bits for each field, in the order of Levels. Raises KeyError when a field is absent."""
    table = tomllib.loads(text)
    return [
        {"missing": NOTHING} | {level: _bits(*row) for level, row in table[field].items()} for field in Levels._fields
    ]


def _bits(one_person: float, strangers: float, relatives: float | None = None) -> Bits:
    return Bits(math.log2(one_person / strangers), math.log2(one_person / (relatives or one_person)))


WEIGHTS = read_weights(Path(__file__).with_name("weights.toml").read_text())


def weigh(levels: Levels, weights: list[dict[str, Bits]] = WEIGHTS) -> Bits:
    strangers = relatives = 0.0
    for field, level in zip(weights, levels, strict=True):
        bits = field[level]
        strangers += bits[0]
        relatives += bits[1]
    return Bits(strangers, relatives)
