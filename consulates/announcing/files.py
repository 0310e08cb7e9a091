"""The public files of this room by name: how each is made, how old it may be, and who makes them in time."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.http import Http404
from django.utils import translation
from django.utils.translation import gettext as _

from consulates import selectors
from consulates.models import Consulate, OfficeLine
from consulates.places import STATES
from consulates.releases.shown import Shown, public_release
from mexitel.utils import published

from . import atom, icalendar_feeds, pictures, words
from .reading import TourDay, of_office, releases_for_feeds, tour_days

FEEDS_OLDEST = timedelta(minutes=5)
PICTURES_OLDEST = timedelta(hours=1)
LANGUAGES = tuple(code for code, _name in settings.LANGUAGES)
FORMS = {"ics": icalendar_feeds.CONTENT_TYPE, "atom": atom.CONTENT_TYPE}
NETWORK, ALL_STATES = "red", "todas"


@dataclass(frozen=True)
class Supply:
    """What feeds are made of, read once for all of them."""

    releases: list[Shown]
    days: list[TourDay]

    @classmethod
    def read(cls, now: datetime) -> "Supply":
        return cls(releases_for_feeds(now=now), tour_days(now=now))


def releases_name(language: str, code: str, form: str) -> str:
    return f"datos/aperturas/{language}/{code}.{form}"


def tours_name(language: str, state: str, form: str) -> str:
    return f"datos/giras/{language}/{state.lower()}.{form}"


def picture_name(kind: str, language: str, mark: str | int) -> str:
    """``kind`` is aperturas or oficinas."""
    return f"datos/{kind}/{language}/{mark}.png"


def poster_name(language: str, release_id: int, paper: str) -> str:
    return f"datos/carteles/{language}/{release_id}-{paper}.pdf"


def address_of(name: str) -> str:
    return f"{settings.PUBLIC_URL.rstrip('/')}/{name}"


def releases_file(supply: Supply, *, language: str, office: Consulate | None, form: str) -> bytes:
    with translation.override(language):
        found = of_office(supply.releases, office.code) if office else supply.releases
        where = str(office.name) if office else _("all offices")
        name = _("Openings of places: %(where)s") % {"where": where}
        if form == "ics":
            return icalendar_feeds.releases_calendar(found, name=name)
        page = words.page_url("releases")
        if office:
            page = words.page_url("office", office.code)
        own = address_of(releases_name(language, office.code if office else NETWORK, form))
        return atom.releases_feed(found, name=name, about=words.free_words(), page=page, own=own)


def tours_file(supply: Supply, *, language: str, state: str, form: str) -> bytes:
    """``state`` is a code in capitals, or ALL_STATES."""
    with translation.override(language):
        found = [day for day in supply.days if state in (ALL_STATES, day.session.state)]
        where = STATES.get(state, _("all states"))
        name = _("The consulate comes to you: %(where)s") % {"where": where}
        if form == "ics":
            return icalendar_feeds.tours_calendar(found, name=name)
        page = words.page_url("tours") if state == ALL_STATES else words.page_url("tours_of_state", state.lower())
        own = address_of(tours_name(language, state, form))
        return atom.tours_feed(found, name=name, about=words.free_words(), page=page, own=own)


def release_picture(release_id: int, language: str, *, now: datetime) -> bytes:
    return _of_release(release_id, language, now, lambda shown, _line: pictures.release_card(shown))


def release_preview(release_id: int, language: str, *, now: datetime) -> bytes:
    return _of_release(release_id, language, now, lambda shown, line: pictures.poster_preview(shown, line=line))


def release_poster(release_id: int, language: str, paper: str, *, now: datetime) -> bytes:
    return _of_release(release_id, language, now, lambda shown, line: pictures.poster(shown, paper=paper, line=line))


def _of_release(
    release_id: int, language: str, now: datetime, draw: Callable[[Shown, OfficeLine | None], bytes]
) -> bytes:
    """Raises Http404 where the public knows of no such release."""
    shown = public_release(release_id, now=now)
    if shown is None:
        raise Http404
    line = OfficeLine.objects.filter(consulate=shown.offices[0].consulate_id).first() if shown.is_one_office else None
    with translation.override(language):
        return draw(shown, line)


def office_picture(code: str, language: str, *, now: datetime) -> bytes:
    """Raises Consulate.DoesNotExist."""
    office = Consulate.objects.real().get(code=code)
    openings = selectors.next_openings(now=now, consulates=[office], limit=1)
    with translation.override(language):
        return pictures.office_card(office, next(iter(openings), None))


def write_all(*, now: datetime) -> int:
    """Every feed anew; pictures that are too old are dropped and made by whoever asks next. Returns how many files."""
    supply = Supply.read(now)
    number = 0
    for name, content in _feeds(supply, now):
        published.put(name, content, now=now)
        number += 1
    drop_old_pictures(now=now)
    return number


def _feeds(supply: Supply, now: datetime) -> Iterator[tuple[str, bytes]]:
    offices = [None, *Consulate.objects.working_on(now.date())]
    states = [ALL_STATES, *sorted({day.session.state for day in supply.days})]
    for language in LANGUAGES:
        for form in FORMS:
            for office in offices:
                name = releases_name(language, office.code if office else NETWORK, form)
                yield name, releases_file(supply, language=language, office=office, form=form)
            for state in states:
                yield tours_name(language, state, form), tours_file(supply, language=language, state=state, form=form)


def drop_old_pictures(*, now: datetime, release_id: int | None = None) -> None:
    """Those that are too old, so that the web server does not give them for ever; of one release all of them."""
    for path in _pictures():
        is_of_it = release_id is not None and path.stem.partition("-")[0] == str(release_id)
        is_old = now.timestamp() - path.stat().st_mtime > PICTURES_OLDEST.total_seconds()
        if (is_of_it and path.parent.parent.name != "oficinas") or is_old:
            path.unlink(missing_ok=True)


def _pictures() -> Iterator[Path]:
    for kind in ("aperturas", "oficinas", "carteles"):
        for ending in ("png", "pdf"):
            yield from (Path(settings.PUBLIC_DIR) / "datos" / kind).glob(f"*/*.{ending}")
