import re

import pytest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation

from tests.pages.readability import EASY, assert_plain, measure, sentences_of
from tests.pages.registry import CITIZEN_PAGES

pytestmark = pytest.mark.django_db
ERROR_PAGES = ["403.html", "403_csrf.html", "404.html", "429.html", "500.html", "503.html"]


@pytest.mark.parametrize("name", CITIZEN_PAGES)
def test_spanish_page_is_plain(client, name):
    assert_plain(sentences_of(client.get(reverse(name)).text))


@pytest.mark.parametrize("template", ERROR_PAGES)
def test_spanish_error_page_is_plain(template):
    with translation.override("es"):
        page = render_to_string(template)

    assert_plain(sentences_of(page))


def test_gate_refuses_officialese():
    text = (
        "Se hace del conocimiento de los connacionales interesados que la expedición de documentación consular "
        "quedará condicionada a la presentación previa de la documentación comprobatoria correspondiente."
    )

    assert measure(text)[0] < EASY


def test_text_of_main_leaves_out_menus_and_other_languages():
    page = (
        '<nav><p>Menú</p></nav><main><h1>Uno</h1><p>Dos <b>tres</b></p><p lang="en">Four</p>'
        '<b translate="no">A1B2</b><p>¿Cinco?</p></main>'
    )

    assert re.sub(r"\s+", " ", sentences_of(page)) == "Uno. Dos tres. ¿Cinco?"
