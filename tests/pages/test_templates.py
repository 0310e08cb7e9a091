"""Promises about templates that no single page shows."""

import re
from pathlib import Path

from django.conf import settings

INCLUDES = re.compile(r'{%\s*include "([^"]+)"[^%]*\bonly\s*%}')
TOKEN = re.compile(r"{%\s*csrf_token\s*%}")


def forms_without_token(templates: dict[str, str]) -> list[str]:
    """Templates with a form that somebody includes with ``only``: there csrf_token writes nothing."""
    included = {name for text in templates.values() for name in INCLUDES.findall(text)}
    return sorted(name for name in included if TOKEN.search(templates.get(name, "")))


def test_no_form_loses_its_token_on_the_way():
    roots = [Path(folder) for engine in settings.TEMPLATES for folder in engine["DIRS"]]
    templates = {str(file.relative_to(root)): file.read_text() for root in roots for file in root.rglob("*.html")}

    assert len(templates) > 50
    assert forms_without_token(templates) == []


def test_guard_sees_a_lost_token():
    templates = {"page.html": '{% include "part.html" with hold=hold only %}', "part.html": "<form>{% csrf_token %}"}

    assert forms_without_token(templates) == ["part.html"]
