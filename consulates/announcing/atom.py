"""Atom feeds (RFC 4287) of the same. An entry keeps its id for life, and is updated when it is cancelled."""

from collections.abc import Iterable
from datetime import datetime
from html import escape
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.feedgenerator import Atom1Feed
from django.utils.translation import get_language

from consulates.models import Gate
from consulates.releases.shown import Shown
from consulates.releases.wording import mode_words

from . import words
from .reading import TourDay

CONTENT_TYPE = "application/atom+xml; charset=utf-8"
# Of a feed in which nothing was ever said.
NEVER = datetime.fromisoformat("2026-01-01T00:00:00+00:00")


class _Feed(Atom1Feed):
    """Says when its newest entry changed: Django's own says the moment of writing where there is none."""

    def latest_post_date(self) -> datetime:
        return max((item["updateddate"] for item in self.items), default=NEVER)


def releases_feed(releases: Iterable[Shown], *, name: str, about: str, page: str, own: str) -> bytes:
    """``page`` is the HTML page of the same, ``own`` the feed's address. The latest announced comes first."""
    feed = _feed(name, about, page, own)
    for shown in sorted(releases, key=lambda one: (_changed(one), one.release.pk), reverse=True):
        feed.add_item(
            title=f"{words.title_of(shown)} – {words.when_words(shown.moments[0].opens_at, shown.time_zone)}",
            link=words.page_url("release", shown.release.pk),
            description=_html(words.sentences(shown)),
            unique_id=_id(f"apertura-{shown.release.pk}"),
            pubdate=shown.release.announced_at,
            updateddate=_changed(shown),
            categories=[mode_words(Gate(shown.release.mode))],
        )
    return _written(feed)


def tours_feed(days: Iterable[TourDay], *, name: str, about: str, page: str, own: str) -> bytes:
    feed = _feed(name, about, page, own)
    for day in days:
        session = day.session
        feed.add_item(
            title=f"{words.tour_title(day)} – {words.tour_sentences(day)[1]}",
            link=words.tour_url(day),
            description=_html(words.tour_sentences(day)),
            unique_id=_id(f"jornada-{session.pk}"),
            pubdate=session.published_at or session.starts_at,
            updateddate=session.published_at or session.starts_at,
            categories=[session.state],
        )
    return _written(feed)


def _feed(name: str, about: str, page: str, own: str) -> Atom1Feed:
    return _Feed(
        title=name, link=page, description="", subtitle=about, language=get_language() or "es", feed_url=own,
        feed_guid=_id(urlsplit(own).path), author_name="Mexitel",
    )  # fmt: skip


def _changed(shown: Shown) -> datetime:
    return shown.release.cancelled_at or shown.release.announced_at or NEVER


def _html(sentences: Iterable[str]) -> str:
    return "".join(f"<p>{escape(sentence)}</p>" for sentence in sentences)


def _id(mark: str) -> str:
    return f"tag:{urlsplit(settings.PUBLIC_URL).hostname or 'localhost'},2026:{mark.strip('/')}"


def _written(feed: Atom1Feed) -> bytes:
    return feed.writeString("utf-8").encode()
