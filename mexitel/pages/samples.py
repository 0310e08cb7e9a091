"""Made-up content for the page of patterns."""

import datetime as dt
from typing import Any

from django import forms
from django.http import HttpRequest

from mexitel.utils import calendar, time
from mexitel.utils.forms import DatePartsField, PlainErrors


class PatternForm(PlainErrors, forms.Form):
    nombre = forms.CharField(
        label="Nombre",
        help_text="Como está en su acta de nacimiento.",
        widget=forms.TextInput(attrs={"autocomplete": "given-name"}),
    )
    nacimiento = DatePartsField(label="Fecha de nacimiento", help_text="Por ejemplo: 27 3 1985")
    codigo = forms.CharField(
        label="Código",
        widget=forms.TextInput(
            attrs={
                "inputmode": "numeric",
                "autocomplete": "one-time-code",
                "class": "govuk-input--code",
                "maxlength": 6,
            }
        ),
    )
    idioma = forms.ChoiceField(
        label="Idioma de los mensajes",
        choices=[("es", "Español"), ("en", "English")],
        widget=forms.RadioSelect,
    )
    necesidades = forms.MultipleChoiceField(
        label="Necesidades",
        choices=[("silla", "Uso silla de ruedas"), ("senas", "Lengua de señas")],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    oficina = forms.ChoiceField(label="Oficina", choices=[("", "Elija"), ("dallas", "Dallas")])
    nota = forms.CharField(label="Nota", widget=forms.Textarea(attrs={"rows": 3}), required=False)
    compartida = forms.BooleanField(label="Este teléfono es de otra persona", required=False)


def patterns(request: HttpRequest) -> dict[str, Any]:
    today = time.now().date()
    first = today.replace(day=1)
    days = {
        date: calendar.Day(
            date.day,
            "#mes",
            str(date.day % 7 + 3),
            f"{calendar.long_date(date)}: {date.day % 7 + 3} horas libres",
        )
        for date in (first + dt.timedelta(days=offset) for offset in (1, 2, 3, 7, 8, 9, 10, 14, 15, 21, 22))
    }
    month = calendar.month_of(
        first.year,
        first.month,
        days,
        today=today,
        previous=calendar.Link("#mes", "octubre"),
        next=calendar.Link("#mes", "diciembre"),
    )
    data = {
        "nombre": "Ángel Núñez",
        "nacimiento_day": "31",
        "nacimiento_month": "2",
        "nacimiento_year": "1985",
        "codigo": "123",
    }
    return {
        "form": PatternForm(data if "vacio" not in request.GET else None),
        "calendar": month,
        "times": [
            {"text": text, "href": "#horas", "note": note}
            for text, note in (
                ("8:00 a.m.", "2 lugares"),
                ("8:20 a.m.", "1 lugar"),
                ("9:00 a.m.", ""),
                ("9:40 a.m.", "5 lugares"),
                ("12:20 p.m.", ""),
            )
        ],
        "rows": [
            {"key": "Trámite", "value": "Pasaporte, renovación", "href": "#resumen"},
            {
                "key": "Día y hora",
                "value": "lunes 7 de diciembre de 2026\n8:20 a.m., hora de Dallas",
                "href": "#resumen",
            },
            {"key": "Lugar", "value": "Consulado en Dallas"},
        ],
        "links": [
            {"href": "#vacio", "text": "Ver Fort Worth: 12 de diciembre"},
            {"href": "#vacio", "text": "Ver sábados y domingos"},
        ],
    }
