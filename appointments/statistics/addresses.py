"""A month in an address, of a page or of the API: ``2026-11``. Anything else matches no address: 404."""

from django.urls import register_converter


class MonthText:
    """Stays text: what names a file must have been read by this expression."""

    regex = r"20\d\d-(?:0[1-9]|1[0-2])"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(MonthText, "month")
