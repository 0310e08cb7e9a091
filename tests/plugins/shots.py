"""``shoot(page, name)``: the page must fit a phone and a desk; and pictures of both, for a person to look at.

Pictures are taken where somebody runs tests with ``-n 0`` or says where they go; a run of everything checks alone. They
lie in ``.run/shots/<test>/01-name-360.png``, or below MEXITEL_SHOTS; the end of the run says where.
"""

import os
import re
import shutil
from pathlib import Path

import pytest

WIDTHS = (360, 1280)
ROOT = Path(__file__).parents[2]
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


class Shots:
    """The folder of one test, empty when the test begins; pictures are numbered in the order of the story."""

    def __init__(self, folder: Path, *, takes: bool = True) -> None:
        self.folder, self.number, self.takes = folder, 0, takes
        shutil.rmtree(folder, ignore_errors=True)

    def __call__(self, page, name: str) -> None:
        """The whole page at each width, which it must fit. The page keeps the last width."""
        self.number += 1
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 800})
            assert page.evaluate(OVERFLOW) <= 0, f"{name} is wider than {width} pixels"
            if self.takes:
                self.folder.mkdir(parents=True, exist_ok=True)
                page.screenshot(path=str(self.folder / f"{self.number:02}-{name}-{width}.png"), full_page=True)


@pytest.fixture
def shoot(request, record_property):
    chosen = os.environ.get("MEXITEL_SHOTS")
    root = Path(chosen or ROOT / ".run" / "shots")
    alone = not hasattr(request.config, "workerinput")
    shots = Shots(root / re.sub(r"\W+", "-", request.node.name).strip("-"), takes=bool(chosen) or alone)
    yield shots
    if shots.number and shots.takes:
        record_property("shots", str(shots.folder))


def pytest_terminal_summary(terminalreporter):
    reports = [report for kind in ("passed", "failed", "") for report in terminalreporter.stats.get(kind, [])]
    properties = [pair for report in reports for pair in getattr(report, "user_properties", [])]
    counts = {folder: len(list(Path(folder).glob("*.png"))) for name, folder in properties if name == "shots"}
    if any(counts.values()):
        terminalreporter.section("pictures of pages, to be looked at", sep="-")
        for folder, count in sorted(counts.items()):
            if count:
                terminalreporter.line(f"{count:3} in {folder}")
