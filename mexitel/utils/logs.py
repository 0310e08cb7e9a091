"""Log lines without personal data: what looks like a person's detail or a secret link is replaced."""

import logging
import re

PATTERNS = (
    (re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+"), "<e-mail>"),
    (re.compile(r"\b[A-Z]{4}\d{6}[HMX][A-Z]{5}[A-Z0-9]\d\b", re.IGNORECASE), "<curp>"),
    (
        re.compile(r"(?<![\w-])\+?(?:\d{10,15}|(?:\d{1,2}[ .-])?\(?\d{3}\)?[ .-]\d{3}[ .-]\d{4})(?![\w-])"),
        "<number>",
    ),
    (re.compile(r"/(cita|cita-cancelada|confirma|oferta|bloqueo)/[^/\s]+"), r"/\1/<token>"),
    (re.compile(r"(/\S*?)\?\S+"), r"\1?<query>"),
)


def without_personal_data(text: str) -> str:
    for pattern, replacement in PATTERNS:
        text = pattern.sub(replacement, text)
    return text


class NoPersonalData(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = without_personal_data(record.getMessage()), None
        return True


class PlainFormatter(logging.Formatter):
    """Tracebacks end with the error's own text, which may quote what a person typed."""

    def formatException(self, ei) -> str:
        return without_personal_data(super().formatException(ei))
