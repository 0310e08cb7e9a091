"""Pure: pictures of text, made on the server. The fonts lie in consulates/data/fonts with their licence."""

import io
import zlib
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

import segno
from PIL import Image, ImageColor, ImageDraw, ImageFont

FONTS = Path(__file__).resolve().parent.parent / "data" / "fonts"
PAPER, INK, SOFT, LINE = "#faf6ef", "#231d1a", "#5a504a", "#ddd2c4"
WINE, GREEN, GOLD, WHITE, GREY = "#6d1a36", "#14573f", "#ffc845", "#ffffff", "#55504d"
# The steps of a Mitla fret, in units of a motif of 8 by 3; as in static/img/greca.svg.
FRET = ((0, 0), (8, 0), (8, 1), (7, 1), (7, 1.5), (6, 1.5), (6, 2), (5, 2), (5, 3), (3, 3), (3, 2), (2, 2), (2, 1.5),
        (1, 1.5), (1, 1), (0, 1))  # fmt: skip
LEADING = 1.18
# Between an ink and its ground; 256 colours fit a palette.
STEPS = 12


class Box(NamedTuple):
    left: int
    top: int
    right: int
    bottom: int

    @property
    def wide(self) -> int:
        return self.right - self.left

    @property
    def high(self) -> int:
        return self.bottom - self.top


class Line(NamedTuple):
    """A written line, in pixels: where its letters stand, and how wide they are together."""

    text: str
    left: float
    base: float
    size: int
    wide: float


class Picture:
    """``lines`` is what was written on it, in that order."""

    def __init__(self, wide: int, high: int, ground: str = PAPER) -> None:
        self.image = Image.new("RGB", (wide, high), ground)
        self.draw = ImageDraw.Draw(self.image)
        self.lines: list[Line] = []

    def fill(self, box: Box, colour: str, *, round_by: int = 0) -> None:
        self.draw.rounded_rectangle((box.left, box.top, box.right - 1, box.bottom - 1), round_by, fill=colour)

    def text(
        self, text: str, box: Box, *, weight: str = "Bold", colour: str = INK, biggest: int, smallest: int = 12,
        align: str = "left", valign: str = "top",
    ) -> int:  # fmt: skip
        """Write ``text`` as big as it fits into the box, wrapped; returns where it ends below."""
        lines, size = fitted(text, box, weight=weight, biggest=biggest, smallest=smallest)
        step = round(size * LEADING)
        top = box.top + (max(0, box.high - step * len(lines)) // 2 if valign == "middle" else 0)
        font = font_of(weight, size)
        for number, line in enumerate(lines):
            wide = font.getlength(line)
            left = {"left": box.left, "middle": (box.left + box.right - wide) / 2, "right": box.right - wide}[align]
            self._write(line, (left, top + number * step + font.getmetrics()[0]), font, colour, wide)
        return top + step * len(lines)

    def _write(
        self, text: str, at: tuple[float, float], font: ImageFont.FreeTypeFont, colour: str, wide: float
    ) -> None:
        """``at`` is the left end of the line on which the letters stand."""
        self.draw.text(at, text, font=font, fill=colour, anchor="ls")
        self.lines.append(Line(text, at[0], at[1], round(font.size), wide))

    def fret(self, left: int, top: int, right: int, *, unit: int, colour: str) -> None:
        """A strip of the fret, as many whole motifs as fit, in the middle."""
        number = (right - left) // (8 * unit)
        start = left + (right - left - number * 8 * unit) // 2
        for motif in range(number):
            corner = start + motif * 8 * unit
            self.draw.polygon([(corner + x * unit, top + y * unit) for x, y in FRET], fill=colour)

    def wordmark(self, left: int, top: int, size: int, *, colour: str = WHITE) -> None:
        """The M with its sun, and the name."""

        def letter(draw: ImageDraw.ImageDraw, part: float) -> None:
            points = [(x * part, y * part) for x, y in ((5, 25), (5, 10), (16, 19), (27, 10), (27, 25))]
            draw.line(points, fill=255, width=round(3.6 * part), joint="curve")
            for x, y in (points[0], points[-1]):
                draw.ellipse((x - 1.8 * part, y - 1.8 * part, x + 1.8 * part, y + 1.8 * part), fill=255)

        self._smooth(letter, (left, top), size, colour)
        self._dot(left + size // 2, top + round(size * 0.19), round(size * 0.095), GOLD)
        font = font_of("Black", round(size * 0.82))
        self._write("Mexitel", (left + size * 1.18, top + size * 0.86), font, colour, font.getlength("Mexitel"))

    def _smooth(
        self, shape: Callable[[ImageDraw.ImageDraw, float], None], corner: tuple[int, int], size: int, colour: str
    ) -> None:
        """A shape of 32 units, drawn four times as big and shrunk, so that its edges are smooth."""
        mask = Image.new("L", (4 * size, 4 * size))
        shape(ImageDraw.Draw(mask), 4 * size / 32)
        self.image.paste(colour, corner, mask.resize((size, size), Image.Resampling.LANCZOS))

    def _dot(self, x: int, y: int, radius: int, colour: str) -> None:
        def disc(draw: ImageDraw.ImageDraw, part: float) -> None:
            draw.ellipse((0, 0, 32 * part - 1, 32 * part - 1), fill=255)

        self._smooth(disc, (x - radius, y - radius), 2 * radius, colour)

    def number(self, number: int, middle: tuple[int, int], radius: int) -> None:
        """A step's number in a disc."""
        self._dot(*middle, radius, WINE)
        font = font_of("Black", round(radius * 1.2))
        self.draw.text(middle, str(number), font=font, fill=WHITE, anchor="mm")
        wide = font.getlength(str(number))
        self.lines.append(Line(str(number), middle[0] - wide / 2, middle[1] + radius * 0.4, round(font.size), wide))

    def code(self, address: str, box: Box) -> None:
        """A QR code in whole pixels with its quiet zone, on white."""
        rows = [list(row) for row in segno.make(address, error="m", micro=False).matrix_iter(border=4)]
        part = min(box.wide, box.high) // len(rows)
        side = part * len(rows)
        left, top = box.left + (box.wide - side) // 2, box.top + (box.high - side) // 2
        self.fill(Box(left, top, left + side, top + side), WHITE)
        for y, row in enumerate(rows):
            for x, dark in enumerate(row):
                if dark:
                    corner = left + x * part, top + y * part
                    self.draw.rectangle((*corner, corner[0] + part - 1, corner[1] + part - 1), fill=INK)

    def few_colours(self) -> Image.Image:
        """Flat colours and their edges: a quarter of the bytes, and nobody sees the difference."""
        return self.image.quantize(palette=palette(), dither=Image.Dither.NONE)

    def as_png(self, *, wide: int | None = None) -> bytes:
        picture = self
        if wide is not None:
            picture = Picture(1, 1)
            high = round(self.image.height * wide / self.image.width)
            picture.image = self.image.resize((wide, high), Image.Resampling.LANCZOS)
        out = io.BytesIO()
        picture.few_colours().save(out, "PNG", optimize=True)
        return out.getvalue()


@cache
def palette() -> Image.Image:
    """Each colour on each ground that it is written on, with the steps between, which letters have at their edges."""
    pairs = [(ink, ground) for ground in (WINE, GREEN, GREY) for ink in (WHITE, GOLD)]
    pairs += [(ink, ground) for ground in (PAPER, WHITE) for ink in (INK, SOFT, WINE)]
    pairs += [(GOLD, PAPER), (LINE, PAPER), (WHITE, PAPER), (GREEN, PAPER)]
    colours = []
    for pair in pairs:
        ink, ground = (ImageColor.getrgb(one) for one in pair)
        for step in range(STEPS + 1):
            colours += [round(a + (b - a) * step / STEPS) for a, b in zip(ink, ground, strict=True)]
    image = Image.new("P", (1, 1))
    image.putpalette(colours)
    return image


def fitted(text: str, box: Box, *, weight: str, biggest: int, smallest: int) -> tuple[list[str], int]:
    """The lines, and the biggest size at which they fit the box; at the smallest size what does not fit is cut."""
    for size in range(biggest, smallest - 1, -2):
        lines = wrapped(text, box.wide, weight=weight, size=size)
        room = box.high // max(1, round(size * LEADING))
        fits = all(font_of(weight, size).getlength(line) <= box.wide for line in lines)
        if fits and len(lines) <= room:
            return lines, size
    return wrapped(text, box.wide, weight=weight, size=smallest)[
        : max(1, box.high // round(smallest * LEADING))
    ], smallest


def wrapped(text: str, wide: int, *, weight: str, size: int) -> list[str]:
    font = font_of(weight, size)
    lines: list[str] = []
    for paragraph in text.split("\n"):
        line = ""
        for word in paragraph.split():
            longer = f"{line} {word}".strip()
            if line and font.getlength(longer) > wide:
                lines.append(line)
                longer = word
            line = longer
        lines.append(line)
    return lines


@cache
def font_of(weight: str, size: int) -> ImageFont.FreeTypeFont:
    """``weight`` is Regular, Bold or Black."""
    return ImageFont.truetype(FONTS / f"Lato-{weight}.ttf", size, layout_engine=ImageFont.Layout.BASIC)


def as_pdf(picture: Picture, *, points: tuple[float, float], title: str, language: str) -> bytes:
    """One page of that many points (1/72 inch), with the picture as it is: no compression that blurs letters.

    What is written on it lies over it as text that is not drawn, so that it is found, copied and read aloud.
    """
    image = picture.few_colours()
    colours = bytes(image.getpalette() or [])
    pixels = zlib.compress(image.tobytes(), 9)
    last = len(colours) // 3 - 1
    wide, high = points
    drawing = f"q {wide} 0 0 {high} 0 0 cm /Im Do Q\n".encode() + _unseen(picture, points)
    box = f"/MediaBox [0 0 {wide} {high}]"
    said = f"<FEFF{title.encode('utf-16-be').hex().upper()}>"
    own = "/Resources << /XObject << /Im 5 0 R >> /Font << /F 6 0 R >> >>"
    return _pdf([
        f"<< /Type /Catalog /Pages 2 0 R /Lang ({language}) /ViewerPreferences << /DisplayDocTitle true >> >>".encode(),
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        f"<< /Type /Page /Parent 2 0 R {box} /Contents 4 0 R {own} >>".encode(),
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(drawing), drawing),
        b"<< /Type /XObject /Subtype /Image /Width %d /Height %d /BitsPerComponent 8 /Filter /FlateDecode"
        b" /ColorSpace [/Indexed /DeviceRGB %d <%s>] /Length %d >>\nstream\n%s\nendstream"
        % (image.width, image.height, last, colours.hex().encode(), len(pixels), pixels),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Courier /Encoding /WinAnsiEncoding >>",
        f"<< /Title {said} >>".encode(),
    ])  # fmt: skip


# A letter of Courier is so wide for a size of one: a line is stretched to lie exactly on what is drawn.
COURIER = 0.6
ESCAPED = {ord(sign): f"\\{sign}" for sign in "\\()"}


def _unseen(picture: Picture, points: tuple[float, float]) -> bytes:
    """The lines of the picture as text of rendering mode 3, in the order in which they were written."""
    part = points[0] / picture.image.width
    drawn = [b"BT 3 Tr"]
    for line in picture.lines:
        if not line.text.strip():
            continue
        stretch = 100 * line.wide / (COURIER * line.size * len(line.text))
        at = f"{line.left * part:.2f} {points[1] - line.base * part:.2f}"
        text = line.text.translate(ESCAPED).encode("cp1252", "replace")
        drawn.append(f"/F {line.size * part:.2f} Tf {stretch:.1f} Tz 1 0 0 1 {at} Tm (".encode() + text + b") Tj")
    return b"\n".join([*drawn, b"ET"])


def _pdf(objects: Sequence[bytes]) -> bytes:
    """The catalogue first, the document's title last."""
    out, starts = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, start=1):
        starts.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % start for start in starts)
    size = len(objects) + 1
    start_of_table = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n%s" % (size, table)
    trailer = b"trailer\n<< /Size %d /Root 1 0 R /Info %d 0 R >>\nstartxref\n%d\n%%%%EOF\n"
    return out + trailer % (size, len(objects), start_of_table)
