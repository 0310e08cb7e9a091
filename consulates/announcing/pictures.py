"""Share cards (1200 by 630) of releases and offices, and posters to hang up, in the active language."""

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from consulates.models import Consulate, Gate, OfficeLine
from consulates.releases.shown import Shown
from consulates.releases.wording import mode_words
from consulates.selectors import NextOpening

from . import words
from .drawing import GOLD, GREEN, GREY, INK, LINE, SOFT, WHITE, WINE, Box, Picture, as_pdf, fitted

CARD = (1200, 630)
DOTS_PER_INCH = 200
# By name: millimetres.
PAPERS = {"carta": (215.9, 279.4), "a4": (210.0, 297.0)}


def release_card(shown: Shown) -> bytes:
    cancelled = words.is_cancelled(shown)
    head = _("Cancelled") if cancelled else f"{shown.seats:,}"
    below = _("This opening is cancelled") if cancelled else words.seats_words(shown.seats).partition(" ")[2]
    first = shown.moments[0]
    return _card(
        head=head,
        below=below,
        over=words.where_words(shown),
        title=shown.release.shown_name,
        when=_in_lines(words.when_words(first.opens_at, first.time_zone)),
        how="" if cancelled else mode_words(Gate(shown.release.mode)),
        ground=GREY if cancelled else WINE,
    )


def office_card(office: Consulate, opening: NextOpening | None) -> bytes:
    """The next opening where one is announced, else where free places are shown."""
    when = _("Free places day by day, and when more open.")
    if opening is not None:
        more = _("More places open")
        when = f"{more}\n{_in_lines(words.when_words(opening.opens_at, opening.time_zone))}"
    return _card(
        head=_("Free of charge"), below=_("the appointment, for everybody"), over=f"{office.city}, {office.state}",
        title=str(office.name), when=when, how="", ground=WINE,
    )  # fmt: skip


def _in_lines(moment: str) -> str:
    """With a capital, and the zone on a line of its own."""
    return (moment[:1].upper() + moment[1:]).replace(" (", "\n(")


def _card(*, head: str, below: str, over: str, title: str, when: str, how: str, ground: str) -> bytes:
    picture = Picture(*CARD)
    picture.fill(Box(0, 0, 400, 630), ground)
    picture.wordmark(40, 40, 54)
    picture.text(head, Box(40, 190, 364, 350), weight="Black", colour=WHITE, biggest=150, valign="middle")
    picture.text(below, Box(40, 352, 364, 470), colour=GOLD, biggest=44)
    picture.fret(24, 574, 376, unit=5, colour=GOLD)
    y = picture.text(over, Box(448, 48, 1152, 122), colour=SOFT, biggest=34, smallest=22) + 12
    y = picture.text(title, Box(448, y, 1152, y + 190), weight="Black", biggest=72, smallest=34) + 20
    picture.fill(Box(448, y, 528, y + 8), GOLD)
    y = picture.text(
        when, Box(448, y + 30, 1152, 490 if how else 510), weight="Bold", colour=WINE, biggest=46, smallest=24
    )
    if how:
        picture.text(how, Box(448, y + 8, 1152, 530), weight="Regular", colour=INK, biggest=32, smallest=22)
    picture.fill(Box(400, 542, 1200, 630), GREEN)
    picture.text(
        " ".join([words.free_words(), _("Do not pay anyone.")]),
        Box(448, 542, 1152, 630),
        colour=WHITE,
        biggest=38,
        valign="middle",
    )
    return picture.as_png()


def poster(shown: Shown, *, paper: str, line: OfficeLine | None = None) -> bytes:
    """A PDF of one page."""
    points = tuple(round(side / 25.4 * 72, 2) for side in PAPERS[paper])
    picture = draw_poster(shown, paper=paper, line=line)
    title = f"{shown.release.shown_name} – Mexitel"
    return as_pdf(picture, points=(points[0], points[1]), title=title, language=get_language() or "es")


def poster_preview(shown: Shown, *, line: OfficeLine | None = None) -> bytes:
    return draw_poster(shown, paper="carta", line=line).as_png(wide=620)


def draw_poster(shown: Shown, *, paper: str, line: OfficeLine | None = None) -> Picture:
    wide, high = (round(side / 25.4 * DOTS_PER_INCH) for side in PAPERS[paper])
    picture = Picture(wide, high)
    edge = 110
    _head(picture, shown, wide, edge)
    _middle(picture, shown, Box(edge, 640, wide - edge, high - 700), line)
    _foot(picture, shown, wide, high, edge)
    return picture


def _head(picture: Picture, shown: Shown, wide: int, edge: int) -> None:
    """Whose it is, and how many places."""
    picture.fill(Box(0, 0, wide, 600), WINE)
    picture.wordmark(edge, 70, 84)
    picture.text(words.where_words(shown), Box(edge + 440, 70, wide - edge, 164), colour=WHITE, biggest=46, smallest=28,
                 align="right", valign="middle")  # fmt: skip
    if words.is_cancelled(shown):
        big, small = _("Cancelled"), shown.release.shown_reason
    else:
        big = words.opens_words(shown.seats)
        small = shown.release.shown_name
    bottom = picture.text(big, Box(edge, 200, wide - edge, 430), weight="Black", colour=WHITE, biggest=210, smallest=90)
    picture.text(small, Box(edge, bottom + 6, wide - edge, 560), colour=GOLD, biggest=60, smallest=32)
    picture.fret(0, 600, wide, unit=11, colour=WINE)


def _middle(picture: Picture, shown: Shown, box: Box, line: OfficeLine | None) -> None:
    """When, how in three steps, and what for."""
    y = picture.text(_("When"), Box(box.left, box.top + 50, box.right, box.top + 110), colour=SOFT, biggest=40)
    for moment in shown.moments[:3]:
        said = _in_lines(words.when_words(moment.opens_at, moment.time_zone))
        if len(shown.moments) > 1:
            cities = sorted(row.consulate.city for row in moment.offices)
            said = (
                ", ".join(cities[: words.MOST_NAMED]) + (", …" if len(cities) > words.MOST_NAMED else "") + "\n" + said
            )
        room = 250 if len(shown.moments) == 1 else 130
        y = picture.text(said, Box(box.left, y, box.right, y + room), weight="Black", biggest=100, smallest=34) + 8
    y += 26
    picture.fill(Box(box.left, y, box.right, y + 3), LINE)
    if not words.is_cancelled(shown):
        _steps(picture, shown, Box(box.left, y + 40, box.right, box.bottom), line)


def _steps(picture: Picture, shown: Shown, box: Box, line: OfficeLine | None) -> None:
    y = box.top
    told = words.steps(shown, line)
    # One size for all three.
    size = min(
        fitted(step, Box(box.left + 120, 0, box.right, 130), weight="Bold", biggest=62, smallest=34)[1] for step in told
    )
    for number, step in enumerate(told, start=1):
        picture.number(number, (box.left + 42, y + 42), 42)
        text = Box(box.left + 120, y + 8, box.right, y + 160)
        y = max(y + 96, picture.text(step, text, biggest=size, smallest=size)) + 30


def _details(picture: Picture, shown: Shown, box: Box) -> None:
    """Days and procedures in what room is left."""
    told = [(_("Days of the appointments"), words.days_words(shown)), (_("Procedures"), words.what_words(shown))]
    said = "\n".join(f"{key}: {value}" for key, value in told if value)
    picture.text(said, box, weight="Regular", biggest=40, smallest=24)


def _foot(picture: Picture, shown: Shown, wide: int, high: int, edge: int) -> None:
    """The code to the page, and what everybody should know."""
    top = high - 660
    side = 420
    picture.fill(Box(edge, top, wide - edge, top + side + 20), WHITE, round_by=24)
    address = words.page_url("release", shown.release.pk)
    picture.code(address, Box(edge + 10, top + 10, edge + 10 + side, top + 10 + side))
    text = Box(edge + side + 50, top + 36, wide - edge - 40, top + side - 6)
    y = picture.text(_("Point your camera here"), text, weight="Black", biggest=72, smallest=40)
    y = picture.text(
        address.partition("://")[2], Box(text.left, y, text.right, y + 56), weight="Regular", colour=SOFT, biggest=40,
        smallest=22,
    )  # fmt: skip
    _details(picture, shown, Box(text.left, y + 24, text.right, text.bottom))
    picture.fill(Box(0, high - 200, wide, high), GREEN)
    y = picture.text(words.free_words(), Box(edge, high - 178, wide - edge, high - 92), weight="Black", colour=WHITE,
                     biggest=80, align="middle")  # fmt: skip
    picture.text(words.no_brokers_words(), Box(edge, y - 2, wide - edge, high - 24), colour=WHITE, biggest=48,
                 align="middle")  # fmt: skip
