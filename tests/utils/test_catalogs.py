from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from mexitel.utils import catalogs

BASE = Path(settings.BASE_DIR)


@pytest.fixture
def project(tmp_path):
    """A small project: one Python file, one template, one catalogue of the room "pages"."""
    (tmp_path / "mexitel/pages").mkdir(parents=True)
    (tmp_path / "templates/pages").mkdir(parents=True)
    (tmp_path / "mexitel/pages/views.py").write_text(
        "from django.utils.translation import gettext as _, ngettext, pgettext\n"
        '_("Hello, %(name)s.")\nngettext("%(n)s day", "%(n)s days", 2)\npgettext("month", "May")\n_(variable)\n'
    )
    (tmp_path / "templates/pages/one.html").write_text(
        "{% load i18n %}{% translate 'Back' %}\n{% blocktranslate trimmed with a=b %}\n  Step {{ a }}\n  of ten"
        "{% endblocktranslate %}{{ _('Filter')|upper }}{% translate 'May' context 'verb' %}"
    )
    write(tmp_path, "")
    return tmp_path


def write(project, text, room="pages"):
    path = catalogs.folder(project) / f"{room}.po"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(catalogs.HEADER.format(room=room) + text)


def whole(problems, kind):
    return [problem for problem in problems if problem.startswith(kind)]


def test_spanish_of_every_room_lacks_nothing():
    assert catalogs.check(BASE) == []


def test_texts_of_python_and_templates_are_found(project):
    assert [(found.text, found.context) for found in catalogs.extract(project)] == [
        ("Hello, %(name)s.", None),
        (("%(n)s day", "%(n)s days"), None),
        ("May", "month"),
        ("Back", None),
        ("Step %(a)s of ten", None),
        ("Filter", None),
        ("May", "verb"),
    ]


def test_missing_text_is_named_with_its_room(project):
    assert "missing (pages.po, from templates/pages/one.html): 'Back'" in catalogs.check(project)
    assert len(whole(catalogs.check(project), "missing")) == 7


def test_fuzzy_text_counts_as_missing(project):
    write(project, '#, fuzzy\nmsgid "Back"\nmsgstr "Atrás"\n')

    problems = catalogs.check(project)

    assert "fuzzy (pages.po): 'Back'" in problems
    assert any(problem.endswith("'Back'") for problem in whole(problems, "missing"))


def test_wrong_placeholder_is_named_even_without_its_flag(project):
    write(project, 'msgid "Hello, %(name)s."\nmsgstr "Hola, %(nombre)s."\n')

    assert [problem for problem in catalogs.check(project) if "Hello" in problem and "missing" not in problem]


def test_rooms_that_contradict_each_other_are_named(project):
    write(project, 'msgid "Back"\nmsgstr "Atrás"\n')
    write(project, 'msgid "Back"\nmsgstr "Volver"\n', room="base")

    assert "translated differently in base.po and pages.po: 'Back'" in catalogs.check(project)


def test_update_adds_new_texts_and_keeps_and_drops_old_ones(project):
    write(project, 'msgid "Back"\nmsgstr "Atrás"\n\nmsgid "Gone"\nmsgstr "Se fue"\n')

    assert catalogs.update(project, "pages") == (6, 1)
    assert catalogs.update(project, "pages") == (0, 0)
    text = (catalogs.folder(project) / "pages.po").read_text()
    assert ('msgstr "Atrás"' in text, "Gone" in text, "POT-Creation-Date" in text) == (True, False, False)


def test_compiled_catalogue_is_the_same_each_time(project):
    write(project, 'msgid "Back"\nmsgstr "Atrás"\n')

    assert catalogs.compile_catalogs(project) == 1
    path = catalogs.folder(project) / "django.mo"
    before = path.stat().st_mtime_ns
    catalogs.compile_catalogs(project)
    assert path.stat().st_mtime_ns == before


def test_unused_translations_are_listed(project):
    write(project, 'msgid "Gone"\nmsgstr "Se fue"\n')

    assert catalogs.unused(project) == ["pages.po: 'Gone'"]


def test_command_fails_when_a_text_is_missing(project, settings):
    settings.BASE_DIR = project

    with pytest.raises(CommandError, match="missing"):
        call_command("catalogs", "--check")
