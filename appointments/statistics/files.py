"""What anybody may download: comma separated files of a month, and what each column means.

A file is a function of the facts alone. Of a frozen month it has the same bytes for ever, and its SHA-256 is published.
"""

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import date

from django.utils import translation

from appointments.statistics import figures
from appointments.statistics.definitions import DAY, ISSUED, MEASURES, SUPPLY, SUPPRESSION, USE, Of
from appointments.statistics.figures import Scope

SUPPLY_AND_USE = (*SUPPLY, *USE)
# The name's end, the keys of a row, and its columns.
KINDS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "": (("office", "kind"), (*SUPPLY_AND_USE, "lead_days_mean", "capacity_opened", "capacity_used")),
    "-tramites": (
        ("office", "procedure"),
        ("offered", *USE, "lead_days_mean", "wait_days_median", "looks_without_place"),
    ),
    "-vias": (("office", "procedure", "channel"), (*USE, "lead_days_mean")),
    "-dias": (("day", "office", "kind"), SUPPLY_AND_USE),
}
HEADINGS = {"kind": "session_kind"}
DICTIONARY = "diccionario.csv"
KEY_WORDS = (
    ("month", "El mes, AAAA-MM.", "The month, YYYY-MM."),
    ("day", "El día local de la jornada, AAAA-MM-DD.", "The local day of the session, YYYY-MM-DD."),
    ("office", "La clave de la oficina, como en sus direcciones.", "The code of the office, as in its addresses."),
    (
        "session_kind",
        "weekday: entre semana; saturday: sábado; sunday: domingo; mobile: consulado móvil; on_wheels: sobre ruedas.",
        "weekday, saturday, sunday, mobile (mobile consulate) or on_wheels (consulate on wheels).",
    ),
    ("procedure", "La clave del trámite, como en sus direcciones.", "The code of the procedure, as in its addresses."),
    (
        "channel",
        "Por dónde se hizo la cita: web, phone (teléfono), api (otra aplicación), counter (ventanilla).",
        "How the appointment was made: web, phone, api (another application), counter (at the window).",
    ),
)  # fmt: skip


def of_month(month: date) -> dict[str, bytes]:
    """The files of the month that begins on ``month``, by name."""
    return {name: of_kind(month, end) for end in KINDS for name in [f"{month:%Y-%m}{end}.csv"]}


def of_kind(month: date, end: str) -> bytes:
    keys, columns = KINDS[end]
    found = figures.rows(Scope.month(month), *keys)
    heading = ["month", *(HEADINGS.get(key, key) for key in keys), *columns]
    return _csv(
        heading,
        (
            [f"{month:%Y-%m}", *key.split("/"), *(figures.published(row).get(column) for column in columns)]
            for key, row in found.items()
        ),
    )


def dictionary() -> bytes:
    """Every column with its meaning in both languages."""
    rows = [[code, "", spanish, "", english] for code, spanish, english in KEY_WORDS]
    for measure in MEASURES:
        texts = []
        for language in ("es", "en"):
            with translation.override(language):
                unit = " (%)" if measure.of is Of.SHARE else ""
                texts += [f"{measure.name}{unit}", str(measure.meaning)]
        rows.append([measure.code, *texts])
    for code, text in (("all people", SUPPRESSION), ("all", DAY), ("issued", ISSUED)):
        with translation.override("es"):
            spanish = str(text)
        with translation.override("en"):
            rows.append([code, "", spanish, "", str(text)])
    return _csv(["column", "nombre", "significado", "name", "meaning"], rows)


def _csv(heading: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(heading)
    writer.writerows(rows)
    return out.getvalue().encode()
