"""A capture as it arrives: decoded under limits and drawn again, so that pixels are all that is kept of the file."""

import io
import struct
import zlib
from typing import NamedTuple

from PIL import Image, ImageOps

# Larger than any screen; a tiny file that claims more pixels is refused before one is decoded.
MOST_PIXELS = 24_000_000
LONGEST_SIDE = 1600
FORMATS = ("JPEG", "PNG", "WEBP")
QUALITY = 82
# What decoders raise at files that are cut, or made to hurt them.
NOT_A_PICTURE = (
    OSError, SyntaxError, ValueError, EOFError, OverflowError, MemoryError, struct.error, zlib.error, Warning,
)  # fmt: skip


class BadPicture(Exception):
    """``code`` is "too_large", "empty", "not_readable" or "too_many_pixels"."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Picture(NamedTuple):
    content: bytes  # JPEG
    wide: int
    high: int


def redrawn(content: bytes) -> Picture:
    """``content`` (JPEG, PNG or WebP; of several frames the first) as a JPEG of at most 1600 pixels a side, upright,
    without colour profile, place, camera or comments. Raises BadPicture.
    """
    if not content:
        raise BadPicture("empty")
    try:
        return _redrawn(content)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise BadPicture("too_many_pixels") from error
    except NOT_A_PICTURE as error:
        raise BadPicture("not_readable") from error


def _redrawn(content: bytes) -> Picture:
    with Image.open(io.BytesIO(content), formats=FORMATS) as opened:  # reads the head alone
        if opened.width * opened.height > MOST_PIXELS:
            raise BadPicture("too_many_pixels")
        opened.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
        upright = ImageOps.exif_transpose(opened)
        upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
        plain = upright.convert("RGBA")
    paper = Image.new("RGB", plain.size, "white")
    paper.paste(plain, mask=plain.getchannel("A"))
    made = io.BytesIO()
    paper.save(made, "JPEG", quality=QUALITY, optimize=True)
    return Picture(made.getvalue(), *paper.size)
