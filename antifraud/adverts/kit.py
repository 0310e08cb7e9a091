"""The kit: what an office, a church or a radio station may copy, word for word, in both languages.

These texts are content to be copied, so each stands here in both languages and is not translated on the way.
"""

from typing import NamedTuple
from urllib.parse import quote

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from antifraud.adverts.cards import SHAPES, name_of


class Text(NamedTuple):
    """``{address}`` is where the portal is; ``name`` makes the id of its box on the page."""

    name: str
    title: Promise
    words: str


SPANISH = (
    Text(
        "mensaje",
        _("Short message"),
        "Las citas del consulado son GRATIS. Nadie puede cobrarle por una cita. Sáquela usted en {address}",
    ),
    Text(
        "redes",
        _("Post for social networks and groups"),
        "¿Le quieren vender una cita del consulado? No pague: las citas son gratis.\n"
        "Sáquela usted en {address}\n"
        "No le dé a nadie su código ni fotos de sus documentos. Si vio un anuncio que vende citas, avísenos ahí mismo:"
        " no hace falta decir quién es.",
    ),
    Text(
        "radio",
        _("To read aloud: radio, church, school"),
        "Un aviso para la comunidad. Las citas del consulado de México son gratuitas. Nadie puede cobrarle por una:"
        " ni un gestor, ni una página, ni un conocido. Usted mismo la saca, por internet o por teléfono, y paga solo el"
        " documento, en la oficina y el día de su cita. Si alguien le pide dinero por una cita, no pague y avise.",
    ),
)
ENGLISH = (
    Text(
        "message",
        _("Short message"),
        "Appointments at the Mexican consulate are FREE. Nobody may charge you for one. Book it yourself at {address}",
    ),
    Text(
        "post",
        _("Post for social networks and groups"),
        "Is somebody selling you an appointment at the Mexican consulate? Do not pay: appointments are free.\n"
        "Book it yourself at {address}\n"
        "Give nobody your code or pictures of your documents. If you saw an advert that sells appointments, tell us"
        " there: you need not say who you are.",
    ),
    Text(
        "aloud",
        _("To read aloud: radio, church, school"),
        "A notice for the community. Appointments at the Mexican consulate are free. Nobody may charge you for one:"
        " not a gestor, not a page, not an acquaintance. You book it yourself, on the web or by telephone, and you pay"
        " only for the document, at the office, on the day of your appointment. If somebody asks you for money, do not"
        " pay, and tell us.",
    ),
)
LANGUAGES = (("es", _("In Spanish"), SPANISH), ("en", _("In English"), ENGLISH))


CARD_WORDS = {
    ("es", "ancha"): _("Wide, in Spanish"),
    ("es", "cuadrada"): _("Square, in Spanish"),
    ("en", "ancha"): _("Wide, in English"),
    ("en", "cuadrada"): _("Square, in English"),
}


class Ready(NamedTuple):
    """``rows`` of the box; the links open the person's own programs with the text in them and send nothing."""

    name: str
    title: Promise
    words: str
    rows: int
    whatsapp: str
    mail: str


def texts(address: str) -> list[tuple[str, Promise, list[Ready]]]:
    """By language: its code, its title and the texts with ``address`` in them."""
    return [(code, title, [_ready(one, address) for one in some]) for code, title, some in LANGUAGES]


def cards() -> list[tuple[str, int, int, Promise]]:
    """Where each card is, how wide and high, and what it is called."""
    return [(f"/{name_of(*key)}", *SHAPES[key[1]], words) for key, words in CARD_WORDS.items()]


def _ready(text: Text, address: str) -> Ready:
    words = text.words.format(address=address)
    rows = sum(1 + len(line) // 33 for line in words.split("\n"))
    sent = quote(words, safe="")
    return Ready(text.name, text.title, words, rows, f"https://wa.me/?text={sent}", f"mailto:?body={sent}")
