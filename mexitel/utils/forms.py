"""Form parts for every room: the date in three boxes, and what components/field.html needs to draw."""

import datetime as dt
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms import BoundField
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from mexitel.utils import time

OLDEST_YEAR = 1900


class PlainErrors:
    """For a form: each empty field says its own name, because the summary on top shows the sentence alone."""

    use_required_attribute = False  # the browser's own bubbles speak the browser's language
    fields: dict[str, forms.Field]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            if field.error_messages.get("required") == forms.Field.default_error_messages["required"]:
                choice = isinstance(field, (forms.ChoiceField, forms.ModelChoiceField))
                sentence = _("Choose an option: %(label)s.") if choice else _("Write this: %(label)s.")
                field.error_messages["required"] = sentence % {"label": field.label or ""}


DATE_PARTS = (
    ("day", _("Day"), 2),
    ("month", _("Month"), 2),
    ("year", _("Year"), 4),
)


class DateParts(forms.MultiWidget):
    """Day, month and year in three boxes, in the order in which Mexico writes a date.

    ``autocomplete="bday"`` among the attributes becomes bday-day, bday-month and bday-year.
    """

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({name: forms.TextInput() for name, _label, _size in DATE_PARTS}, attrs)

    def decompress(self, value: Any) -> list[Any]:
        if isinstance(value, dt.date):
            return [value.day, value.month, value.year]
        return [None, None, None]


class DatePartsField(forms.MultiValueField):
    """A date typed as day, month and year, from ``first_year`` to ``last_day``.

    ``last_day`` defaults to tomorrow in UTC, so that somebody born today is accepted in every time zone.
    """

    widget = DateParts
    default_error_messages = {
        "required": _("Write the date: day, month and year."),
        "incomplete": _("The date lacks a part. Write day, month and year."),
        "digits": _("Write the date with numbers only. For example: 27 3 1985."),
        "unreal": _("That date does not exist. Check the day and the month."),
        "range": _("Check the year. Write it with four digits, from %(first)s on."),
        "future": _("The date cannot be in the future."),
    }

    def __init__(self, *, first_year: int = OLDEST_YEAR, last_day: dt.date | None = None, **options: Any) -> None:
        self.first_year, self.last_day = first_year, last_day
        fields = [forms.CharField(required=False, max_length=size + 2) for _name, _label, size in DATE_PARTS]
        super().__init__(fields, require_all_fields=False, **options)

    def clean(self, value: Any) -> dt.date | None:
        parts = [str(part or "").strip() for part in (value or [])][: len(DATE_PARTS)]
        parts += [""] * (len(DATE_PARTS) - len(parts))
        if not any(parts):
            if self.required:
                raise self._error("required")
            return None
        if not all(parts):
            raise self._error("incomplete")
        return self._date(*parts)

    def compress(self, data_list: list[Any]) -> Any:  # clean() above does it all
        raise NotImplementedError

    def has_changed(self, initial: Any, data: Any) -> bool:
        return DateParts().decompress(initial) != data

    def _date(self, day: str, month: str, year: str) -> dt.date:
        if not all(part.isascii() and part.isdigit() and len(part) <= 4 for part in (day, month, year)):
            raise self._error("digits")
        last = self.last_day or (time.now() + dt.timedelta(days=1)).date()
        if len(year) != 4 or not self.first_year <= int(year) <= last.year:
            raise self._error("range", first=self.first_year)
        try:
            date = dt.date(int(year), int(month), int(day))
        except ValueError as error:
            raise self._error("unreal") from error
        if date > last:
            raise self._error("future")
        return date

    def _error(self, code: str, **params: Any) -> ValidationError:
        return ValidationError(self.error_messages[code], code=code, params=params)


CLASSES: tuple[tuple[type[forms.Widget], str], ...] = (
    (forms.SelectMultiple, "govuk-select"),
    (forms.Select, "govuk-select"),
    (forms.Textarea, "govuk-textarea"),
    (forms.widgets.Input, "govuk-input"),
)


def kind(field: BoundField) -> str:
    widget = field.field.widget
    if widget.is_hidden:
        return "hidden"
    if isinstance(widget, DateParts):
        return "date"
    if isinstance(widget, forms.CheckboxSelectMultiple):
        return "checkboxes"
    if isinstance(widget, forms.RadioSelect):
        return "radios"
    if isinstance(widget, forms.CheckboxInput):
        return "checkbox"
    return "control"


def described_by(field: BoundField) -> str:
    ids = [f"{field.auto_id}_hint"] if field.help_text else []
    ids += [f"{field.auto_id}_error"] if field.errors else []
    return " ".join(ids)


def control(field: BoundField) -> SafeString:
    widget = field.field.widget
    base = next((name for widget_type, name in CLASSES if isinstance(widget, widget_type)), "govuk-input")
    names = [widget.attrs.get("class", ""), base, f"{base}--error" if field.errors else ""]
    attrs = {
        "class": " ".join(name for name in names if name),
        "aria-describedby": described_by(field) or False,
    }
    if field.errors:
        attrs["aria-invalid"] = "true"
    return field.as_widget(attrs=attrs)


def date_boxes(field: BoundField) -> list[dict[str, Any]]:
    """Name, id, label, value, size and autocomplete of each box, as components/field.html writes them."""
    widget = field.field.widget
    value = field.value()
    values = value if isinstance(value, (list, tuple)) else widget.decompress(value)
    complete = widget.attrs.get("autocomplete", "")
    return [
        {
            "name": f"{field.html_name}_{part}",
            "id": f"{field.auto_id}_{part}",
            "label": label,
            "value": "" if value is None else value,
            "size": size,
            "autocomplete": f"{complete}-{part}" if complete else "",
        }
        for (part, label, size), value in zip(DATE_PARTS, values, strict=False)
    ]


def first_input(field: BoundField) -> str:
    if kind(field) == "date":
        return f"{field.auto_id}_day"
    if kind(field) in {"radios", "checkboxes"}:
        return f"{field.auto_id}_0"
    return field.auto_id
