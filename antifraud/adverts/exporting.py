"""What a platform's team gets: one file with the posts that a person confirmed. Nothing is sent from here.

The file says where a post is, since when we know of it, what it says and what is wrong with it. Nothing of whoever told
of it is in it: the words are those that the reviewer chose, not those of the notice.
"""

import csv
import io
import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Min
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from antifraud.adverts.errors import NothingToReport
from antifraud.adverts.triage import step
from antifraud.models import Ground, Platform, Post, PostExport, PostNotice, PostState
from antifraud.models.adverts import TO_REPORT
from mexitel.accounts.models import User
from mexitel.audit.services import record
from mexitel.utils.spreadsheets import safe_row

# One file is read by people.
MOST = 500
COLUMNS = ("number", "url", "place", "first_seen", "price_usd", "text", "reason", "reason_es", "seen_again")
FORMATS = {"csv": "text/csv; charset=utf-8", "json": "application/json", "txt": "text/plain; charset=utf-8"}
# To be pasted into a mail or a form of the platform; its teams read English.
LETTER = """{number} posts on {platform} that sell or misrepresent appointments of Mexican consular offices.
A person of the consular service read each of them. Appointments are free: {address}
Please take them down, or answer with the number of a post and why it stays.
"""

Row = Mapping[str, str | bool | None]


def waiting() -> dict[str, int]:
    """How many confirmed posts of each platform nobody has reported yet."""
    counted = Post.objects.filter(state__in=TO_REPORT).values_list("platform").annotate(number=Count("pk"))
    return dict(counted.order_by("platform"))


@transaction.atomic
def make(*, platform: Platform, by: User, now: datetime) -> PostExport:
    """The file of all that waits, and with it each of them is "reported". Raises NothingToReport.

    Posts that a colleague reports at this moment are left out; two files never hold the same report.
    """
    found = Post.objects.filter(state__in=TO_REPORT, platform=platform).order_by("first_told_at", "pk")
    posts = list(found.select_for_update(of=("self",), no_key=True, skip_locked=True)[:MOST])
    if not posts:
        raise NothingToReport
    seen = PostNotice.objects.filter(post__in=posts, seen_on__isnull=False).values_list("post").annotate(Min("seen_on"))
    days = dict(seen.order_by("post"))
    rows = json.dumps([row_of(post, days.get(post.pk)) for post in posts], ensure_ascii=False)
    made = PostExport.objects.create(platform=platform, made_at=now, made_by=by, posts=len(posts), rows=rows)
    for post in posts:
        step(post=post, became=PostState.REPORTED, reason=_("In the file for the platform."), by=by, now=now)
    record(actor=by, action="advert.export", target=made, now=now, detail={"posts": len(posts), "platform": platform})
    return made


def row_of(post: Post, seen_on: date | None) -> Row:
    """``seen_on`` is the first day on which somebody says that they saw it."""
    told_on = post.first_told_at.date()
    ground = Ground(post.ground)
    with translation.override("en"):
        reason = str(ground.label)
    with translation.override("es"):
        reason_es = str(ground.label)
    return {
        "number": str(post.pk),
        "url": post.address if post.address_key else "",
        "place": post.place,
        "first_seen": min(told_on, seen_on or told_on).isoformat(),
        "price_usd": None if post.price is None else str(post.price),
        "text": post.excerpt,
        "reason": reason,
        "reason_es": reason_es,
        "seen_again": post.state == PostState.REAPPEARED,
    }


def as_file(export: PostExport, kind: str) -> bytes:
    """``kind`` is a key of FORMATS."""
    rows: Sequence[Row] = json.loads(export.rows or "[]")
    if kind == "json":
        told = {"platform": export.platform, "made_at": export.made_at.isoformat(), "posts": rows}
        return json.dumps(told, ensure_ascii=False, indent=1).encode()
    return _letter(export, rows).encode() if kind == "txt" else _table(rows)


def _letter(export: PostExport, rows: Sequence[Row]) -> str:
    address = settings.PUBLIC_URL.rstrip("/") + reverse("free")
    with translation.override("en"):
        head = LETTER.format(number=len(rows), platform=export.get_platform_display(), address=address)
    return "\n".join([head, *(_paragraph(place, row) for place, row in enumerate(rows, start=1))])


def _paragraph(place: int, row: Row) -> str:
    price = f", asks for {row['price_usd']} US dollars" if row["price_usd"] else ""
    again = ", was gone and is there again" if row["seen_again"] else ""
    lines = [
        f"{place}. {row['url'] or row['place']}",
        f"{row['reason']}{price}{again}; known since {row['first_seen']}",
        f"number {row['number']}",
        *str(row["text"]).splitlines(),
    ]
    return "\n   ".join(lines) + "\n"


def _table(rows: Sequence[Row]) -> bytes:
    """A cell that a spreadsheet would compute is shown as text."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for row in rows:
        writer.writerow(safe_row(_cell(row[column]) for column in COLUMNS))
    return "\ufeff".encode() + out.getvalue().encode()


def _cell(value: str | bool | None) -> str:
    return {True: "yes", False: "no", None: ""}.get(value, str(value))  # type: ignore[arg-type]
