"""What everybody reads of the register, as files at a bounded age (mexitel/utils/published.py)."""

from datetime import datetime, timedelta
from functools import partial
from itertools import product

from antifraud.adverts.cards import LANGUAGES, SHAPES, card, name_of
from antifraud.adverts.figures import Figures, as_csv, as_json, figures, of_json
from mexitel.utils import published

DOCUMENT, TABLE = "datos/anuncios.json", "datos/anuncios.csv"
OLDEST = timedelta(minutes=5)
CARD_OLDEST = timedelta(days=1)


def document(at: datetime) -> bytes:
    return as_json(figures(now=at))


def table(at: datetime) -> bytes:
    return as_csv(figures(now=at))


def shown(*, now: datetime) -> Figures:
    """As they were published last; a warm page asks no database."""
    return of_json(published.fresh(DOCUMENT, oldest=OLDEST, make=document, now=now).content)


def made_card(language: str, shape: str, at: datetime) -> bytes:
    return card(language, shape)


def refresh(*, now: datetime) -> None:
    """Make them anew before they are too old: the web server gives what is there and does not look how old it is."""
    found = figures(now=now)
    published.put(DOCUMENT, as_json(found), now=now)
    published.put(TABLE, as_csv(found), now=now)
    for key in product(LANGUAGES, SHAPES):
        published.fresh(name_of(*key), oldest=CARD_OLDEST, make=partial(made_card, *key), now=now)
