"""The pictures of a run: both widths of each page, and a page that does not fit a phone fails."""

import pytest

from tests.plugins.shots import Shots


def test_pictures_are_numbered_in_the_order_of_the_story(page, tmp_path):
    shoot = Shots(tmp_path / "pictures")
    page.goto("/ayuda/")
    shoot(page, "first")
    shoot(page, "second")

    names = sorted(picture.name for picture in shoot.folder.glob("*.png"))
    assert names == ["01-first-1280.png", "01-first-360.png", "02-second-1280.png", "02-second-360.png"]


def test_run_of_everything_takes_no_pictures(page, tmp_path):
    page.goto("/ayuda/")
    Shots(tmp_path / "pictures", takes=False)(page, "first")

    assert not (tmp_path / "pictures").exists()


def test_page_wider_than_a_phone_is_refused(page, shoot):
    page.goto("/ayuda/")
    page.evaluate("document.body.style.width = '500px'")

    with pytest.raises(AssertionError, match="wide is wider than 360 pixels"):
        shoot(page, "wide")


def test_folder_can_be_another_one(request, monkeypatch, tmp_path):
    monkeypatch.setenv("MEXITEL_SHOTS", str(tmp_path))

    assert request.getfixturevalue("shoot").folder == tmp_path / "test_folder_can_be_another_one"
