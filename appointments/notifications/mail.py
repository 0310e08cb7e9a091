"""Mails: a text part and an HTML part that say the same, with nothing to fetch from anywhere."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from django.template.loader import render_to_string

from appointments import links
from appointments.visits import Visit


@dataclass(frozen=True)
class Mail:
    subject: str
    text: str
    html: str


def mail_of(kind: str, visits: Sequence[Visit], *, folder: str = "appointments/email", **more: object) -> Mail:
    """What ``mail_from`` makes of ``visits``, the links that every mail may name, and ``more``.

    Subjects carry the procedure and the day, never a name: they show on locked screens.
    """
    visitors = [visitor for visit in visits for visitor in visit.visitors]
    facts = {
        "visits": visits,
        "visit": visits[0],
        "several": len(visitors) > 1,
        "my_appointments": links.public_url("my_appointments"),
        "contact": links.public_url("contact"),
        "search": links.public_url("search"),
        **more,
    }
    return mail_from(f"{folder}/{kind}", facts)


def mail_from(template: str, facts: dict) -> Mail:
    """From ``templates/<template>``: ``_subject.txt``, ``.txt`` and ``.html``, in the active language."""
    return Mail(
        subject=" ".join(render_to_string(f"{template}_subject.txt", facts).split()),
        text=tidy(render_to_string(f"{template}.txt", facts)),
        html=squeeze(render_to_string(f"{template}.html", facts)),
    )


def tidy(text: str) -> str:
    """Lines without spaces at their end, paragraphs one empty line apart."""
    lines = "\n".join(line.rstrip() for line in text.strip().split("\n"))
    return re.sub(r"\n{3,}", "\n\n", lines) + "\n"


def squeeze(html: str) -> str:
    """Without indentation and empty lines: a mail is sent whole, each time."""
    return "\n".join(line.strip() for line in html.split("\n") if line.strip()) + "\n"
