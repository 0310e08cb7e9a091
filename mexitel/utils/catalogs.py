"""Translations without gettext's tools: extract, check, merge and compile with Babel.

English stands in the code. Spanish stands in ``locale/es/LC_MESSAGES/<room>.po``, one file per room so that
rooms do not meet in one file; compiling merges them into ``django.mo``, which is not kept in git.
"""

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_python
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

from mexitel.utils.catalog_rooms import ROOMS

LOCALE = "es"
ONE: tuple = (1,)
KEYWORDS: dict[str, tuple] = {
    "_": ONE,
    "gettext": ONE,
    "gettext_lazy": ONE,
    "gettext_noop": ONE,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
SKIPPED = {"migrations", "__pycache__", "node_modules"}
# No dates and names that change with every run: git knows them.
HEADER = """# Spanish of the room {room}.
msgid ""
msgstr ""
"Language: es\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"

"""
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
BRACES = re.compile(r"\{[a-z_]*\}")

Key = tuple[str, str | None]


@dataclass(frozen=True)
class Found:
    """One text of the code: ``text`` is a pair for plurals."""

    text: str | tuple[str, str]
    context: str | None
    path: str

    @property
    def key(self) -> Key:
        return (self.text if isinstance(self.text, str) else self.text[0], self.context)


def room_of(path: str) -> str:
    return next(room for room, places in ROOMS.items() if path.startswith(places))


def sources(base: Path) -> Iterator[Path]:
    places = sorted({place.split("/")[0] for places in ROOMS.values() for place in places})
    for place in places:
        for path in sorted((base / place).rglob("*")):
            if path.suffix in {".py", ".html", ".txt"} and not SKIPPED & set(path.parts):
                yield path


def python_of(path: Path) -> str:
    """The file as Python that calls gettext; a template becomes its calls, line for line."""
    text = path.read_text("utf-8")
    if path.suffix == ".py":
        return text
    return "\n".join(line.strip() for line in templatize(text, origin=str(path)).split("\n"))


def extract(base: Path) -> list[Found]:
    """Every translatable text of the project, in the order of the files."""
    return [found for path in sources(base) for found in extract_file(path, base)]


def extract_file(path: Path, base: Path) -> Iterator[Found]:
    name = path.relative_to(base).as_posix()
    source = io.BytesIO(python_of(path).encode())
    for _line, function, arguments, _comments in extract_python(source, KEYWORDS, [], {}):
        values = (arguments,) if isinstance(arguments, str) or arguments is None else tuple(arguments)
        context = values[0] if str(function).lstrip("n").startswith("pgettext") else None
        texts = values[1:] if context is not None else values
        if not texts or texts[0] is None:
            continue  # a variable: its text is extracted where it is written
        plural = "ngettext" in function or "npgettext" in function
        yield Found((texts[0], texts[1]) if plural else texts[0], context, name)


def folder(base: Path) -> Path:
    return base / "locale" / LOCALE / "LC_MESSAGES"


def read(base: Path) -> dict[str, Catalog]:
    catalogs = {}
    for path in sorted(folder(base).glob("*.po")):
        with path.open("rb") as file:
            catalogs[path.stem] = read_po(file, locale=LOCALE)
    return catalogs


def key_of(message: Message) -> Key:
    return (message.id if isinstance(message.id, str) else message.id[0], message.context)


def translated(message: Message) -> bool:
    strings = (message.string,) if isinstance(message.string, str) else tuple(message.string or ("",))
    return all(strings) and not message.fuzzy


def merge(catalogs: dict[str, Catalog]) -> Catalog:
    """All rooms in one; where two translate the same text, the first by name counts (``check`` says so)."""
    merged = Catalog(locale=LOCALE, creation_date=LONG_AGO, revision_date=LONG_AGO, fuzzy=False)
    for catalog in catalogs.values():
        for message in catalog:
            if message.id and translated(message) and merged.get(key_of(message)[0], message.context) is None:
                merged.add(message.id, message.string, flags=message.flags, context=message.context)
    return merged


def check(base: Path) -> list[str]:
    """What is wrong, one sentence each: missing, fuzzy, contradicting, or with wrong placeholders."""
    catalogs, found = read(base), extract(base)
    merged = merge(catalogs)
    problems = [*_contradictions(catalogs), *_fuzzy(catalogs)]
    seen: set[Key] = set()
    for text in found:
        if text.key in seen:
            continue
        seen.add(text.key)
        message = merged.get(text.key[0], text.context)
        where = f"{room_of(text.path)}.po, from {text.path}"
        if message is None:
            problems.append(f"missing ({where}): {text.key[0]!r}")
        else:
            problems += [f"{problem} ({where}): {text.key[0]!r}" for problem in _placeholders(text, message)]
    return problems


def unused(base: Path) -> list[str]:
    """Texts that a catalogue translates and no file says any more."""
    used = {text.key for text in extract(base)}
    return [
        f"{room}.po: {key_of(message)[0]!r}"
        for room, catalog in read(base).items()
        for message in catalog
        if message.id and key_of(message) not in used
    ]


def update(base: Path, room: str) -> tuple[int, int]:
    """Add the room's new texts, empty, to its catalogue and drop what is unused; returns (added, dropped)."""
    catalogs, found = read(base), extract(base)
    used = {text.key for text in found}
    elsewhere = {key_of(m) for name, catalog in catalogs.items() if name != room for m in catalog if m.id}
    old = catalogs.get(room, Catalog(locale=LOCALE))
    new = Catalog(locale=LOCALE, fuzzy=False)
    dropped = 0
    for message in old:
        if message.id and key_of(message) in used:
            new.add(message.id, message.string, flags=message.flags, context=message.context)
        elif message.id:
            dropped += 1
    kept = len(new)
    for text in found:
        known = new.get(text.key[0], text.context) is not None or text.key in elsewhere
        if room_of(text.path) == room and not known:
            new.add(text.text, context=text.context)
    path = folder(base) / f"{room}.po"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        file.write(HEADER.format(room=room).encode())
        write_po(file, new, width=110, omit_header=True)
    return len(new) - kept, dropped


def compile_catalogs(base: Path) -> int:
    """Write django.mo when its text changed; returns how many texts it holds."""
    merged = merge(read(base))
    buffer = io.BytesIO()
    write_mo(buffer, merged)
    path = folder(base) / "django.mo"
    if not path.exists() or path.read_bytes() != buffer.getvalue():
        path.parent.mkdir(parents=True, exist_ok=True)
        scratch = path.with_suffix(".mo.new")
        scratch.write_bytes(buffer.getvalue())
        scratch.replace(path)
    return len(merged)


def _contradictions(catalogs: dict[str, Catalog]) -> Iterator[str]:
    first: dict[Key, tuple[str, Message]] = {}
    for room, catalog in catalogs.items():
        for message in catalog:
            if not message.id or not translated(message):
                continue
            other_room, other = first.setdefault(key_of(message), (room, message))
            if other.string != message.string:
                yield f"translated differently in {other_room}.po and {room}.po: {key_of(message)[0]!r}"


def _fuzzy(catalogs: dict[str, Catalog]) -> Iterator[str]:
    for room, catalog in catalogs.items():
        for message in catalog:
            if message.id and message.fuzzy:
                yield f"fuzzy ({room}.po): {key_of(message)[0]!r}"


def _placeholders(text: Found, message: Message) -> Iterator[str]:
    if isinstance(text.text, tuple) != isinstance(message.id, tuple):
        yield "plural in one place and not in the other"
        return
    probe = Message(text.text, message.string, context=text.context)
    yield from (str(error) for error in probe.check(Catalog(locale=LOCALE)))
    strings = (message.string,) if isinstance(message.string, str) else tuple(message.string or ())
    ids = (text.text,) if isinstance(text.text, str) else text.text
    expected = {brace for one in ids for brace in BRACES.findall(one)}
    for string in strings:
        if set(BRACES.findall(string)) - expected or (len(strings) == 1 and set(BRACES.findall(string)) != expected):
            yield "placeholders differ"
