"""Pure: which phrases of the rules stand in a text, and what each is worth.

A phrase is words. ``cita*`` is any word that begins so; ``...`` is up to three words between. Case, accents and marks
between words do not count, so "¡VENDO CITAS!" is "vendo cita*". Each phrase counts once. The points put the work list
in order; they decide nothing.
"""

import json
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

FOLDER = Path(__file__).resolve().parent.parent / "data"
SEED = FOLDER / "phrases-1.json"
MOST_POINTS, MOST_PHRASES, LONGEST_PHRASE = 10, 300, 80
LANGUAGES = ("es", "en")
LONGEST_TEXT = 20_000


class Phrase(NamedTuple):
    """``points`` from -10 to 10, without 0; below it, words that speak for a warning rather than for an offer."""

    text: str
    language: str
    points: int
    note: str


class Match(NamedTuple):
    """``said`` is how the phrase stands in the text, folded."""

    phrase: str
    points: int
    said: str


class BadPhrase(ValueError):
    """``code`` is "shape", "points", "language", "words", "twice", "many" or "none"; ``line`` counts from 1."""

    def __init__(self, code: str, line: int = 0) -> None:
        super().__init__(f"{code} in line {line}")
        self.code, self.line = code, line


def folded(text: str) -> str:
    """Lower case, without accents, words separated by one blank."""
    plain = unicodedata.normalize("NFKD", text[:LONGEST_TEXT].casefold())
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return " ".join(re.findall(r"[^\W_]+|\$", plain))


def matches(text: str, phrases: Iterable[Phrase]) -> list[Match]:
    """What stands in ``text``, the dearest first."""
    plain = folded(text)
    found = []
    for phrase in phrases:
        if hit := _pattern(phrase.text).search(plain):
            found.append(Match(phrase.text, phrase.points, hit.group(0)))
    return sorted(found, key=lambda one: (-one.points, one.phrase))


def points_of(found: Iterable[Match]) -> int:
    return sum(one.points for one in found)


@lru_cache(maxsize=2 * MOST_PHRASES)
def _pattern(phrase: str) -> re.Pattern[str]:
    """Every repetition is bounded by blanks, so that no text makes it slow."""
    pattern = ""
    for word in parts(phrase):
        if word == "...":
            pattern += r"(?:\S+ ){0,3}"
        elif word.endswith("*"):
            pattern += re.escape(folded(word[:-1])) + r"\S* "
        else:
            pattern += re.escape(folded(word)) + " "
    return re.compile(r"(?<!\S)" + pattern.removesuffix(" ") + r"(?!\S)")


def parts(phrase: str) -> list[str]:
    return phrase.replace("…", "...").split()


def read(data: Sequence[Mapping[str, Any]]) -> list[Phrase]:
    return [Phrase(one["text"], one["language"], one["points"], one["note"]) for one in data]


def seed() -> tuple[list[Phrase], str]:
    """The phrases that come with the code, and their note."""
    data = json.loads(SEED.read_text("utf-8"))
    return read(data["phrases"]), data["note"]


def as_lines(phrases: Iterable[Phrase]) -> str:
    """As a person edits them: ``points | language | phrase | note``, one a line."""
    return "\n".join(f"{one.points} | {one.language} | {one.text} | {one.note}" for one in phrases)


def from_lines(typed: str) -> list[Phrase]:
    """What ``as_lines`` wrote, changed by a person. Raises BadPhrase with the first line that cannot be."""
    lines = [(number, line) for number, line in enumerate(typed.splitlines(), start=1) if line.strip()]
    if not lines:
        raise BadPhrase("none")
    if len(lines) > MOST_PHRASES:
        raise BadPhrase("many", lines[MOST_PHRASES][0])
    found = [_of_line(line, number) for number, line in lines]
    seen: set[str] = set()
    for (number, _line), phrase in zip(lines, found, strict=True):
        if phrase.text.casefold() in seen:
            raise BadPhrase("twice", number)
        seen.add(phrase.text.casefold())
    return found


def _of_line(line: str, number: int) -> Phrase:
    cells = [cell.strip() for cell in line.split("|", 3)]
    if len(cells) < 3:
        raise BadPhrase("shape", number)
    points, language, text, note = [*cells, ""][:4]
    language, text = language.lower(), " ".join(text.split())
    if not re.fullmatch(r"[+-]?\d{1,2}", points) or not 0 < abs(int(points)) <= MOST_POINTS:
        raise BadPhrase("points", number)
    if language not in LANGUAGES:
        raise BadPhrase("language", number)
    if not _has_words(text):
        raise BadPhrase("words", number)
    return Phrase(text, language, int(points), note[:200])


def _has_words(text: str) -> bool:
    """A word at each end, three letters somewhere: a phrase that fits everything helps nobody."""
    words = parts(text)
    if not words or len(text) > LONGEST_PHRASE or "..." in (words[0], words[-1]):
        return False
    whole = [folded(word.removesuffix("*")) for word in words if word != "..."]
    return all(word and " " not in word for word in whole) and sum(map(len, whole)) >= 3
