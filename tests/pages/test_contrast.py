"""Each pair of colours that stands on a page, in light and in dark, has the contrast that WCAG 2.2 AA asks for."""

import re
from pathlib import Path

import pytest
from django.conf import settings

TEXT, EDGE = 4.5, 3.0
PAIRS = [
    ("ink", "paper", TEXT),
    ("ink", "card", TEXT),
    ("ink", "sand", TEXT),
    ("ink", "amber-wash", TEXT),
    ("ink", "red-wash", TEXT),
    ("ink", "green-wash", TEXT),
    ("soft", "paper", TEXT),
    ("soft", "card", TEXT),
    ("soft", "sand", TEXT),
    ("on-wine", "wine", TEXT),
    ("wine-text", "paper", TEXT),
    ("wine-text", "card", TEXT),
    ("green-text", "paper", TEXT),
    ("green-text", "card", TEXT),
    ("green-text", "sand", TEXT),
    ("green-text", "green-wash", TEXT),
    ("green-text", "amber-wash", TEXT),
    ("on-green", "green", TEXT),
    ("on-green", "green-deep", TEXT),
    ("red-text", "paper", TEXT),
    ("red-text", "card", TEXT),
    ("red-text", "red-wash", TEXT),
    ("on-focus", "focus", TEXT),
    ("edge", "card", EDGE),
    ("edge", "paper", EDGE),
    ("amber", "paper", EDGE),
    ("green", "paper", EDGE),
]


def tokens():
    css = (Path(settings.BASE_DIR) / "static/css/mexitel.css").read_text("utf-8")
    blocks = re.findall(r":root \{(.*?)\}", css, re.DOTALL)
    light, dark = (dict(re.findall(r"--mx-([a-z-]+): (#[0-9a-f]{3,6});", block)) for block in blocks[:2])
    return {"light": light, "dark": light | dark}


def luminance(colour):
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, other):
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("front", "back", "least"), PAIRS)
def test_pair_has_enough_contrast(theme, front, back, least):
    colours = tokens()[theme]

    assert contrast(colours[front], colours[back]) >= least


def test_contrast_of_black_on_white_is_twenty_one():
    assert round(contrast("#000000", "#ffffff"), 1) == 21.0
