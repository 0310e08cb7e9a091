import pytest

from mexitel.utils.templatetags.mx import phone_words


@pytest.mark.parametrize(
    ("number", "words"),
    [("+17132716800", "(713) 271-6800"), ("+525555123456", "+52 55 5512 3456"), ("", ""), ("call us", "call us")],
)
def test_phone_is_written_as_it_is_said(number, words):
    assert phone_words(number) == words
