"""Promises about the repository itself."""

import ast
import os
import re
import secrets
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
LOCKS = [*sorted((ROOT / "requirements").glob("*.txt")), *ROOT.glob("**/package-lock.json")]
# The rooms, in words of the house; a file is theirs when git would keep it.
PRODUCT = ("mexitel", "consulates", "appointments", "antifraud")
FOLDERS = (*PRODUCT, "tests", "bench", "manage.py")


def run(*argv: str, **env: str) -> subprocess.CompletedProcess:
    inherited = {name: value for name, value in os.environ.items() if name != "DJANGO_ALLOW_ASYNC_UNSAFE"}
    return subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, env={**inherited, **env}, check=False)


def tool(name: str) -> str:
    return str(Path(sys.executable).with_name(name))


def test_rooms_import_only_downwards():
    result = run(tool("lint-imports"), "--no-cache")

    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize(
    "arguments",
    [["check", "--output-format", "concise"], ["format", "--check", "--output-format", "concise"]],
    ids=["lint", "format"],
)
def test_ruff_has_nothing_to_say(arguments):
    result = run(tool("ruff"), *arguments, *(name for name in FOLDERS if (ROOT / name).exists()))

    assert result.returncode == 0, result.stdout


def test_types_agree(tmp_path):
    result = run(tool("mypy"), "--cache-dir", str(tmp_path))

    assert result.returncode == 0, result.stdout + result.stderr


def test_no_migration_is_missing(db):
    result = run(sys.executable, "manage.py", "makemigrations", "--check", "--dry-run")

    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
def test_no_lock_names_a_host(lock):
    lines = [line for line in lock.read_text().splitlines() if "://" in line or "index-url" in line]

    assert lines == []


@pytest.mark.parametrize("name", ["base", "dev", "uv"])
def test_every_locked_package_has_hashes(name):
    text = (ROOT / "requirements" / f"{name}.txt").read_text().replace("\\\n", " ")
    packages = [line for line in text.splitlines() if line[:1].isalnum()]

    assert packages
    assert [line.split()[0] for line in packages if "--hash=sha256:" not in line] == []


def test_the_development_lock_holds_the_versions_of_the_base_lock():
    def pins(name: str) -> set[str]:
        lines = (ROOT / "requirements" / f"{name}.txt").read_text().splitlines()
        return {line.split()[0] for line in lines if line[:1].isalnum()}

    assert pins("base") - pins("dev") == set()


def production_environment(**changes: str) -> dict[str, str]:
    from mexitel.embedded.environment import new_secrets

    values = {
        **new_secrets(),
        "SECRET_KEY": secrets.token_urlsafe(60),
        "DJANGO_SETTINGS_MODULE": "mexitel.settings.production",
        "ALLOWED_HOSTS": "citas.invalid",
        "PUBLIC_URL": "https://citas.invalid",
        "EMAIL_URL": "smtps://citas:secret@mail.invalid",
        "DEFAULT_FROM_EMAIL": "citas@citas.invalid",
        "TRUSTED_PROXY_COUNT": "1",
        "MEXITEL_EMBEDDED": "0",
    }
    return {**values, **changes}


def test_production_settings_pass_the_deployment_check():
    result = run(
        sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING", **production_environment()
    )

    assert result.returncode == 0, result.stderr


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"MEXITEL_EMBEDDED": "1"}, "production settings refuse it"),
        ({"SECRET_KEY": "change-me-" * 6}, "SECRET_KEY is a sample"),
        ({"HASH_KEY": "short"}, "HASH_KEY is a sample or shorter"),
    ],
    ids=["embedded", "sample", "short"],
)
def test_production_refuses_what_belongs_to_a_demonstration(changes, sentence):
    result = run(sys.executable, "manage.py", "check", **production_environment(**changes))

    assert result.returncode != 0
    assert sentence in result.stderr


def test_the_bootstrap_needs_the_standard_library_alone():
    """It runs before anything is installed."""
    tree = ast.parse((ROOT / "mexitel" / "bootstrap.py").read_text())
    imported = {
        (node.module if isinstance(node, ast.ImportFrom) else alias.name).split(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }

    assert imported - set(sys.stdlib_module_names) == set()


def test_no_file_is_longer_than_a_person_reads():
    found = {
        str(path.relative_to(ROOT)): len(path.read_text().splitlines())
        for name in PRODUCT
        for path in (ROOT / name).rglob("*.py")
        if "migrations" not in path.parts
    }

    assert {name: lines for name, lines in found.items() if lines > 400} == {}


DOCUMENTS = [path for path in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")] if not path.name.startswith(".")]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_documents_point_at_what_exists(document):
    """Links between documents, and the tests that they call as witnesses."""
    text = document.read_text()
    links = {target.split("#")[0] for target in re.findall(r"\]\(([^)\s]+)\)", text) if "://" not in target}
    witnesses = set(re.findall(r"`((?:tests|bench|docs)/[\w./-]+)`", text))

    assert {link for link in links if link and not (document.parent / link).exists()} == set()
    assert {path for path in witnesses if not (ROOT / path).exists()} == set()


def test_every_decision_stands_in_the_index():
    index = (ROOT / "docs" / "adr" / "README.md").read_text()

    assert [path.name for path in (ROOT / "docs" / "adr").glob("0*.md") if f"({path.name})" not in index] == []
