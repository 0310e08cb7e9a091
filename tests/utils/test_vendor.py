import json
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command

from mexitel.utils import vendor

VENDORED = sorted(path for path in (Path(settings.BASE_DIR) / "static/vendor").iterdir() if path.is_dir())


@pytest.mark.parametrize("folder", VENDORED, ids=lambda folder: folder.name)
def test_vendored_files_are_the_recorded_ones(folder):
    assert vendor.differences(folder) == []


def test_command_checks_every_folder(capsys):
    call_command("vendor")

    assert capsys.readouterr().out == f"{len(VENDORED)} vendored folder(s), as recorded.\n"


def test_a_changed_file_and_a_missing_licence_are_told(tmp_path):
    folder = tmp_path / "thing-1.0"
    folder.mkdir()
    (folder / "thing.css").write_text("a{}")
    vendor.write_manifest(folder, name="thing", version="1.0", licence="MIT")
    (folder / "thing.css").write_text("b{}")
    (folder / "extra.css").write_text("")

    assert vendor.differences(folder) == [
        "thing-1.0: extra.css is not in the manifest.",
        "thing-1.0: thing.css is not the recorded file.",
        "thing-1.0: LICENSE.txt is missing.",
    ]


def test_nothing_of_the_origin_brand_is_served():
    for folder in VENDORED:
        for css in folder.glob("*.css"):
            text = css.read_text("utf-8").lower()
            assert "gds transport" not in text
            assert "crown" not in text
            assert "url(" not in text
            assert "http" not in text.replace('[href^="http', "")


def test_manifest_names_version_and_licence():
    for folder in VENDORED:
        manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
        assert manifest["licence"] in {"MIT", "0BSD", "BSD-2-Clause", "ISC", "OFL-1.1"}
