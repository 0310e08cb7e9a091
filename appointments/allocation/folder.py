"""The public folder of a draw: what anybody needs to recompute it. Its files are rows of the database, packed.

Three are facts (tickets.csv, seats.csv, sealed.txt); all others follow from them and from the drawing's row, are made
again byte for byte by ``publish``, and so survive whatever happens to any disk but the database's own.
"""

import io
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from pathlib import Path

from django.conf import settings

from appointments.allocation import canonical
from appointments.allocation.dictatorship import Application, Award, Lot, allot
from appointments.allocation.errors import Tampered
from appointments.allocation.order import Ticket, rank
from appointments.models import Drawing, DrawingFile, DrawingRound
from consulates.models import Gate, Release

# Said in every seed that the embedded run draws.
DEMONSTRATION = (
    "Demostración: el número al azar lo firmó esta misma instalación y no prueba nada. "
    "Demonstration: this installation signed the random number itself, which proves nothing."
)


def publish(release: Release, now: datetime) -> dict[str, str]:
    """Write every file that the facts allow by now; returns their SHA-256 by name. Unchanged files stay as they are."""
    drawing = Drawing.objects.get(release=release)
    made = {"commitment.json": _commitment(drawing)}
    if drawing.drawn_at:
        made |= {"seed.json": _seed(drawing, drawing.drawn_at)} | _results(drawing)
    keep(drawing, made, now=now)
    if drawing.drawn_at:
        keep(drawing, {zip_name(release): _packed(drawing)}, now=now)
    return dict(drawing.files.values_list("name", "digest"))


def keep(drawing: Drawing, files: Mapping[str, bytes], *, now: datetime) -> None:
    known = dict(drawing.files.filter(name__in=files).values_list("name", "digest"))
    changed = [
        DrawingFile.of(drawing, name, content, now=now)
        for name, content in files.items()
        if known.get(name) != sha256(content).hexdigest()
    ]
    DrawingFile.objects.bulk_create(
        changed,
        update_conflicts=True,
        unique_fields=["drawing", "name"],
        update_fields=["packed", "digest", "size", "made_at"],
    )


def zip_name(release: Release) -> str:
    return f"mexitel-apertura-{release.pk}.zip"


# -- the facts ------------------------------------------------------------------------------------------


def order(drawing: Drawing) -> list[Application]:
    """The sealed applications in the order of the seed. Raises Tampered."""
    known = {entry.code: entry for entry in canonical.applications_of(_sealed(drawing, "tickets"))}
    tickets = (Ticket(entry.code, entry.weight) for entry in known.values())
    return [known[ticket.code] for ticket in rank(bytes(drawing.seed or b""), tickets)]


def sealed_lots(drawing: Drawing) -> list[Lot]:
    return canonical.lots_of(_sealed(drawing, "seats"))


def _sealed(drawing: Drawing, which: str) -> bytes:
    """The file, if it is the one that was sealed."""
    files = {file.name: file.content for file in drawing.files.filter(name__in=["sealed.txt", f"{which}.csv"])}
    text, content = files.get("sealed.txt", b""), files.get(f"{which}.csv", b"")
    said = next((line.split()[2] for line in text.decode().splitlines() if line.startswith(f"{which} ")), "")
    if sha256(text).digest() != bytes(drawing.sealed_hash or b"") or sha256(content).hexdigest() != said:
        raise Tampered(which)
    return content


def lots_in(round: DrawingRound) -> list[Lot]:
    return [canonical.lot_of(row) for row in round.lots]


def winners(drawing: Drawing, *, before: int, order: Sequence[Application]) -> set[str]:
    """Tickets that won in the rounds before number ``before``."""
    return {
        line.code
        for each in allotted(drawing.rounds.filter(number__lt=before), order)
        for line in each.lines
        if isinstance(line, Award)
    }


def allotted(rounds: Iterable[DrawingRound], order: Sequence[Application]) -> list[canonical.Round]:
    """Rounds 1, 2 ... with their lines; who won in one is not in those after."""
    done, had_turn = [], set[str]()
    for each in rounds:
        lines = allot(order, lots_in(each), each.refused, had_turn)
        had_turn |= {line.code for line in lines if isinstance(line, Award)}
        done.append(canonical.Round(lots_in(each), lines))
    return done


# -- what follows from them -----------------------------------------------------------------------------


def _commitment(drawing: Drawing) -> bytes:
    return canonical.document(
        {
            "release": drawing.release_id,
            "commitment": bytes(drawing.commitment).hex(),
            "committed_at": canonical.moment(drawing.committed_at),
        }
    )


def _seed(drawing: Drawing, drawn_at: datetime) -> bytes:
    facts = {
        "secret": drawing.secret,
        "sealed_sha256": _hex(drawing.sealed_hash),
        "beacon": drawing.beacon,
        "round": drawing.round,
        "signature": _hex(drawing.signature),
        "randomness": _hex(drawing.randomness),
        "seed": _hex(drawing.seed),
        "drawn_at": canonical.moment(drawn_at),
    }
    return canonical.document(facts | ({"warning": DEMONSTRATION} if drawing.is_demonstration else {}))


def _hex(content: bytes | memoryview | None) -> str:
    return bytes(content or b"").hex()


def _results(drawing: Drawing) -> dict[str, bytes]:
    in_order = order(drawing)
    files = {"order.csv": canonical.order_csv(entry.code for entry in in_order)}
    if drawing.release.mode == Gate.DRAW:
        rounds = allotted(drawing.rounds.exclude(closed_at=None).order_by("number"), in_order)
        files["rounds.csv"] = canonical.rounds_csv(rounds)
        files["awards.csv"] = canonical.awards_csv(rounds)
        files["skips.csv"] = canonical.skips_csv(rounds)
    return files


def _packed(drawing: Drawing) -> bytes:
    """Everything in one file, stored and dated so that the same files always make the same bytes."""
    files = {file.name: file.content for file in drawing.files.exclude(name__endswith=".zip")}
    files |= {"verify_draw.py": script(), "LEEME.txt": readme()}
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name)  # dated 1980
            entry.create_system, entry.external_attr = 3, 0o644 << 16
            archive.writestr(entry, files[name])
    return packed.getvalue()


def script() -> bytes:
    return (Path(settings.BASE_DIR) / "static" / "verify_draw.py").read_bytes()


def readme() -> bytes:
    return (Path(__file__).parent / "LEEME.txt").read_bytes()
