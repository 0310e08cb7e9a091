import contextlib
import datetime as dt

import pytest
from django import forms
from django.template.loader import render_to_string
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from mexitel.utils.forms import DatePartsField, PlainErrors

LAST = dt.date(2026, 12, 8)


class Birth(PlainErrors, forms.Form):
    name = forms.CharField(label="Nombre")
    office = forms.ChoiceField(label="Oficina", choices=[("", "-"), ("dallas", "Dallas")])
    born = DatePartsField(label="Nacimiento", last_day=LAST)


def clean(day, month, year, **options):
    return DatePartsField(last_day=LAST, **options).clean([day, month, year])


def code_of(day, month, year):
    with pytest.raises(forms.ValidationError) as raised:
        clean(day, month, year)
    return raised.value.code


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        (("27", "3", "1985"), dt.date(1985, 3, 27)),
        (("07", "03", "1985"), dt.date(1985, 3, 7)),
        ((" 29 ", "2", "2024 "), dt.date(2024, 2, 29)),
        (("1", "1", "1900"), dt.date(1900, 1, 1)),
        (("8", "12", "2026"), LAST),
    ],
)
def test_date_is_read_in_the_order_of_mexico(parts, expected):
    assert clean(*parts) == expected


@pytest.mark.parametrize(
    ("parts", "code"),
    [
        (("", "", ""), "required"),
        (("1", "", "1985"), "incomplete"),
        (("31", "2", "1985"), "unreal"),
        (("29", "2", "2023"), "unreal"),
        (("0", "1", "1985"), "unreal"),
        (("1", "13", "1985"), "unreal"),
        (("1", "1", "85"), "range"),
        (("1", "1", "1899"), "range"),
        (("1", "1", "0001"), "range"),
        (("31", "12", "9999"), "range"),
        (("9", "12", "2026"), "future"),
        (("1", "enero", "1985"), "digits"),
        (("-1", "1", "1985"), "digits"),
        (("1\x00", "1", "1985"), "digits"),
        (("١", "1", "1985"), "digits"),
        (("1", "1", "9" * 30), "digits"),
    ],
)
def test_date_that_cannot_be_is_refused_with_its_reason(parts, code):
    assert code_of(*parts) == code


def test_empty_date_that_is_not_required_is_none():
    assert clean("", "", "", required=False) is None


@given(st.lists(st.one_of(st.none(), st.text(max_size=40), st.integers()), max_size=5))
def test_no_typed_text_raises_anything_but_a_refusal(parts):
    with contextlib.suppress(forms.ValidationError):
        DatePartsField(last_day=LAST).clean(parts)


def test_typed_parts_are_kept_and_the_error_is_beside_them():
    form = Birth({"name": "Ana", "office": "dallas", "born_day": "31", "born_month": "<2>", "born_year": "1985"})

    page = render_to_string("components/form.html", {"form": form})

    assert not form.is_valid()
    assert 'value="&lt;2&gt;"' in page
    assert 'id="id_born_error"' in page
    assert 'aria-describedby=" id_born_error"' in page


def test_date_of_a_saved_person_fills_the_boxes():
    page = render_to_string("components/form.html", {"form": Birth(initial={"born": dt.date(1985, 3, 27)})})

    assert ('value="27"' in page, 'value="3"' in page, 'value="1985"' in page) == (True, True, True)


def test_empty_field_says_its_own_name():
    with translation.override("es"):
        errors = Birth({}).errors

    assert errors["name"] == ["Falta este dato: Nombre."]
    assert errors["office"] == ["Elija una opción: Oficina."]
    assert errors["born"] == ["Escriba la fecha: día, mes y año."]


def test_summary_leads_to_the_first_box_of_a_date():
    page = render_to_string("components/error_summary.html", {"form": Birth({})})

    assert 'href="#id_born_day"' in page
    assert 'href="#id_name"' in page


def test_no_summary_for_a_form_without_errors():
    assert "govuk" not in render_to_string("components/error_summary.html", {"form": Birth()})


def test_control_keeps_the_attributes_of_its_widget():
    class Code(forms.Form):
        code = forms.CharField(
            widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "one-time-code", "class": "mine"})
        )

    page = render_to_string("components/field.html", {"field": Code()["code"]})

    assert 'inputmode="numeric"' in page
    assert 'autocomplete="one-time-code"' in page
    assert 'class="mine govuk-input"' in page
