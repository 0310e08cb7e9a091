"""Each thing that a machine may lack gives one sentence."""

import importlib.util
import os
import sys

import pytest

from mexitel import bootstrap


@pytest.fixture
def elsewhere(tmp_path, monkeypatch):
    monkeypatch.setattr(bootstrap, "RUN", tmp_path / ".run")
    monkeypatch.setattr(bootstrap, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(bootstrap, "PYTHON", tmp_path / ".venv" / "bin" / "python")
    monkeypatch.setattr(bootstrap, "STAMP", tmp_path / ".venv" / "stamp.json")
    return tmp_path


def sentence(caught) -> str:
    text = str(caught.value)
    assert text.startswith("mexitel: ")
    assert "\n" not in text
    return text


def test_an_old_python(monkeypatch):
    monkeypatch.setattr(sys, "version_info", (3, 9, 2))

    with pytest.raises(bootstrap.SetupError) as caught:
        bootstrap.enter_environment("up")

    assert "Python 3.11 or newer is needed" in sentence(caught)


def test_a_missing_venv_module_for_an_ordinary_user(elsewhere, monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    monkeypatch.setattr(os, "geteuid", lambda: 1000)

    with pytest.raises(bootstrap.SetupError) as caught:
        bootstrap.install("base")

    assert "sudo apt-get install python3-venv" in sentence(caught)


def test_a_folder_that_cannot_be_written(elsewhere, monkeypatch):
    (elsewhere / ".run").write_text("a file where the folder should be")

    with pytest.raises(bootstrap.SetupError) as caught:
        bootstrap.install("base")

    assert "this folder cannot be written" in sentence(caught)


def test_a_changed_lock_or_python_means_installing_again(elsewhere, monkeypatch):
    bootstrap.PYTHON.parent.mkdir(parents=True)
    bootstrap.PYTHON.touch()
    bootstrap.STAMP.write_text(f'{{"base": "{bootstrap.digest("base")}"}}')
    assert bootstrap.is_installed("base")
    assert not bootstrap.is_installed("dev")

    monkeypatch.setattr(sys, "version_info", (3, 12, 0))

    assert not bootstrap.is_installed("base")


def test_pip_takes_over_when_uv_does_not_manage(elsewhere, monkeypatch, capsys):
    calls = []
    monkeypatch.setattr(bootstrap, "quiet", lambda argv: False)
    monkeypatch.setattr(bootstrap, "run", lambda argv, text: calls.append(argv))

    bootstrap.install_lock("base")

    assert {"--require-hashes", "--no-deps"} <= set(calls[0])
    assert "pip installs the packages" in capsys.readouterr().out
