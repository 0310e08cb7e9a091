"""What the environment says, docs/operations.md explains, docker-compose.yml passes on and the code reads."""

import re
import sys
from pathlib import Path

import pytest
import yaml

from mexitel.outbox import sms
from mexitel.settings import parts
from tests.test_project import production_environment, run

ROOT = Path(__file__).resolve().parent.parent
READ = re.compile(r'(?:env(?:_list|_flag)?|own_secret|os\.environ\.get)\(\s*"([A-Z_]+)"')
# Set by one of our processes for the next; nobody types them.
BETWEEN_PROCESSES = {"MEXITEL_STARTED", "MEXITEL_SETUP_SECONDS", "FAULTS_DATA", "FAULTS_WINDOWS"}


def names_in_code() -> set[str]:
    files = [path for folder in ("mexitel", "tests") for path in (ROOT / folder).rglob("*.py")]
    return {name for path in files for name in READ.findall(path.read_text())} - BETWEEN_PROCESSES


def names_in_the_manual() -> set[str]:
    text = (ROOT / "docs" / "operations.md").read_text()
    chapter = text.split("## Settings from the environment")[1].split("\n## ")[0]
    rows = [line.split("|")[1] for line in chapter.splitlines() if line.startswith("| `")]
    return {name for row in rows for name in re.findall(r"`([A-Z_]+)`", row)}


def test_manual_lists_every_variable_that_the_code_reads_and_no_other():
    assert names_in_the_manual() == names_in_code() | {"DJANGO_SETTINGS_MODULE"}


def test_compose_passes_on_what_production_reads():
    services = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
    settings = [path.read_text() for path in (ROOT / "mexitel" / "settings").glob("*.py") if path.stem != "dev"]
    read = {name for text in settings for name in READ.findall(text)}
    not_there = {"MEXITEL_EMBEDDED", "MESSAGES_DIR", "NO_SSL_REDIRECT"}

    assert read - not_there == set(services["migrate"]["environment"]) - {"DJANGO_SETTINGS_MODULE"}


@pytest.mark.parametrize("name", ["EMAIL_URL", "DEFAULT_FROM_EMAIL", "TRUSTED_PROXY_COUNT", "PUBLIC_URL"])
def test_production_does_not_guess(name):
    values = production_environment()
    del values[name]
    result = run(sys.executable, "manage.py", "check", **values)

    assert result.returncode != 0
    assert f"Set {name} in the environment" in result.stderr


@pytest.mark.parametrize(
    ("url", "port", "whole", "starttls"),
    [
        ("smtp://localhost:25", 25, False, False),
        ("smtp://user:pass@mail.invalid:587", 587, False, True),
        ("smtp://user:pass@mail.invalid", 25, False, True),
        ("smtps://user:pass@mail.invalid", 465, True, False),
        ("smtps://user:pass@mail.invalid:2465", 2465, True, False),
    ],
)
def test_mail_settings_follow_the_address(monkeypatch, url, port, whole, starttls):
    monkeypatch.setenv("EMAIL_URL", url)
    found = parts.mail()

    assert (found["EMAIL_PORT"], found["EMAIL_USE_SSL"], found["EMAIL_USE_TLS"]) == (port, whole, starttls)


def test_without_a_provider_a_text_message_is_given_up_at_once(settings):
    settings.SMS_GATEWAY_URL = ""
    with pytest.raises(sms.SmsRefused):
        sms.http_gateway().send(to="+12135550100", text="", key="")
