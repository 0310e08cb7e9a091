"""Cards that say that appointments are free, to be shared as pictures: wide for links, square for chats and groups."""

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from consulates.announcing.drawing import GOLD, GREEN, INK, WHITE, WINE, Box, Picture

SHAPES = {"ancha": (1200, 630), "cuadrada": (1080, 1080)}
LANGUAGES = ("es", "en")


def name_of(language: str, shape: str) -> str:
    """Of the public file (mexitel/utils/published.py)."""
    return f"datos/gratis/{language}-{shape}.png"


def card(language: str, shape: str) -> bytes:
    """PNG; the code leads to the page that explains it, in its language."""
    address = f"{settings.PUBLIC_URL.rstrip('/')}{reverse('free')}?idioma={language}"
    with translation.override(language):
        return _wide(address) if shape == "ancha" else _square(address)


def shown_address() -> str:
    """Where the portal is, as people write it."""
    return settings.PUBLIC_URL.partition("://")[2].rstrip("/")


def _wide(address: str) -> bytes:
    picture = Picture(*SHAPES["ancha"])
    picture.fill(Box(0, 0, 760, 630), WINE)
    picture.wordmark(48, 40, 54)
    picture.text(_("Appointments are free"), Box(48, 130, 720, 390), weight="Black", colour=WHITE, biggest=104)
    picture.text(_("Nobody may charge you for one."), Box(48, 400, 720, 490), colour=GOLD, biggest=42)
    picture.fret(40, 560, 720, unit=6, colour=GOLD)
    picture.code(address, Box(820, 60, 1140, 380))
    end = picture.text(_("Book it yourself:"), Box(800, 400, 1160, 450), colour=INK, biggest=36, align="middle")
    picture.text(shown_address(), Box(800, end, 1160, 530), weight="Black", colour=WINE, biggest=40, align="middle")
    picture.fill(Box(760, 542, 1200, 630), GREEN)
    picture.text(
        _("Do not pay anyone."), Box(780, 542, 1180, 630), colour=WHITE, biggest=36, align="middle", valign="middle"
    )
    return picture.as_png()


def _square(address: str) -> bytes:
    picture = Picture(*SHAPES["cuadrada"])
    picture.fill(Box(0, 0, 1080, 640), WINE)
    picture.wordmark(64, 56, 64)
    picture.text(_("Appointments are free"), Box(64, 170, 1016, 440), weight="Black", colour=WHITE, biggest=130)
    picture.text(_("Nobody may charge you for one."), Box(64, 450, 1016, 560), colour=GOLD, biggest=54)
    picture.fret(56, 588, 1024, unit=6, colour=GOLD)
    picture.code(address, Box(64, 672, 364, 972))
    end = picture.text(_("Book it yourself:"), Box(410, 700, 1040, 770), colour=INK, biggest=46)
    picture.text(shown_address(), Box(410, end + 8, 1040, 940), weight="Black", colour=WINE, biggest=56, smallest=24)
    picture.fill(Box(0, 990, 1080, 1080), GREEN)
    picture.text(
        _("Do not pay anyone."), Box(40, 990, 1040, 1080), colour=WHITE, biggest=46, align="middle", valign="middle"
    )
    return picture.as_png()
