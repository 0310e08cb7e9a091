"""From the closed lists to seats held for the winners, and on to the next in order until everybody may book.

``tend`` is run every minute. Each step is done alone (locks.alone) and stands in a row when it is done, so that two
workers at once, a kill anywhere and a second run give the same result once. An allotment is a round of
appointments.allocation: its lots and refusals are rows, and with the order they say who wins what. The holds of a batch
of winners and the rows that name them (DrawWin, one to an application) are one transaction.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from hashlib import sha256

from django.db import connection, transaction
from django.db.models import Exists, OuterRef

from appointments.allocation import canonical, dictatorship, drawing, folder
from appointments.allocation.dictatorship import Application, Award, Lot
from appointments.allocation.errors import DrawingError
from appointments.drawing import locks
from appointments.drawing.going_on import enter_next
from appointments.drawing.holding import LAST_MOMENT, award
from appointments.drawing.lots import choices_of, free_times, seal_freed, sealed_lots, within
from appointments.drawing.settling import settle
from appointments.models import DrawApplication, Drawing, DrawingRound, DrawProgress, DrawWin
from consulates.models import Gate, Release
from mexitel.outbox.services import publish

# Winners who are held for in one transaction, and rows that are written in one statement.
BATCH = 100
ROWS = 5000
# Between two looks for seats that came free.
LOOKS_EVERY = timedelta(minutes=5)
CALLED_OFF_WITHIN = timedelta(days=7)


def tend(*, now: datetime) -> dict[str, int]:
    """Whatever draws need: promise, seal, draw, allot, tell, and hand on what was not accepted. Counts of each."""
    done = {"committed": commit_announced(now=now), "settled": settle(now=now), "run": 0}
    done |= {"called_off": tell_cancelled(now=now), "carried_on": enter_next(now=now)}
    for release in _due(now=now):
        done["run"] += run(release, now=now)
    return done


def commit_announced(*, now: datetime) -> int:
    """The office's promise is public before anybody can apply."""
    waiting = Release.objects.to_come(now=now).filter(mode=Gate.DRAW, drawing=None)
    return len([drawing.commit(release, now) for release in waiting])


def tell_cancelled(*, now: datetime) -> int:
    """Everybody who applied to a draw that was called off hears of it, once."""
    off = Release.objects.filter(mode=Gate.DRAW, state="cancelled", cancelled_at__gt=now - CALLED_OFF_WITHIN)
    off = off.filter(Exists(DrawApplication.objects.standing().filter(release=OuterRef("pk"))))
    return len([_tell_cancelled(release, now=now) for release in off.exclude(draw_progress__told_at__isnull=False)])


@transaction.atomic
def _tell_cancelled(release: Release, *, now: datetime) -> None:
    locks.alone(release.pk)
    progress, _made = DrawProgress.objects.get_or_create(release=release)
    if progress.told_at is None:
        for pk in release.applications.standing().values_list("pk", flat=True):
            publish(kind="draw.cancelled", payload={"application": str(pk)}, now=now)
        progress.told_at = now
        progress.save(update_fields=["told_at"])


def run(release: Release, *, now: datetime) -> bool:
    """The draw of one release as far as it can come now; whether it has its order. No round of the beacon, no draw."""
    sealed = seal(release, now=now)
    try:
        drawing.take_round(release, now)
    except DrawingError:
        return False  # the round has not begun, or no server answers: the next run asks again
    order = drawing.order_of(release)
    note_order(release, order, now=now)
    allot(release, order, now=now)
    return sealed.sealed_at is not None


@transaction.atomic
def seal(release: Release, *, now: datetime) -> Drawing:
    """Nobody applies any more: the lists are published. Run again it changes nothing."""
    locks.alone(release.pk)
    known = Drawing.objects.filter(release=release, sealed_at__isnull=False).first()
    if known is not None:
        return known
    seal_freed(release, now=now)
    lots = sealed_lots(free_times(release, now=now, starts_after=now + LAST_MOMENT))
    codes = dict(release.consulates.values_list("pk", "code"))
    entries, keyed = [], []
    for application in _standing(release):
        choices = choices_of(application, lots, codes)
        sealed = Application(
            application.code, application.party, application.weight, choices, application.procedure.code
        )
        entries.append(drawing.Entry(sealed, application.channel))
        application.wish_key = wish_key(sealed)
        keyed.append(application)
    DrawApplication.objects.bulk_update(keyed, ["wish_key"], batch_size=ROWS)
    seats = sum(lot.seats for lot in lots if lot.half in ("am", "pm"))
    DrawProgress.objects.update_or_create(release=release, defaults={"applications": len(entries), "seats": seats})
    return drawing.seal(release, entries, now, lots=lots)


def wish_key(sealed: Application) -> bytes:
    """The same for all who want the same for as many people: their chance is counted together."""
    [_header, row] = canonical.tickets_csv([sealed._replace(code="X", weight=1)]).decode().splitlines()
    return sha256(row.encode()).digest()


@transaction.atomic
def note_order(release: Release, order: Iterable[Application], *, now: datetime) -> None:
    """Each application's place, so that its page need not draw anew."""
    locks.alone(release.pk)
    progress = DrawProgress.objects.get(release=release)
    if progress.ordered_at is not None:
        return
    places = [[place, application.code] for place, application in enumerate(order, start=1)]
    with connection.cursor() as cursor:
        for at in range(0, len(places), ROWS):
            part = places[at : at + ROWS]
            cursor.execute(
                "UPDATE appointments_drawapplication AS a SET place = told.place"
                " FROM unnest(%s::int[], %s::text[]) AS told (place, code) WHERE a.code = told.code",
                [[place for place, _code in part], [code for _place, code in part]],
            )
    progress.ordered_at = now
    progress.save(update_fields=["ordered_at"])


# -- allotments -------------------------------------------------------------------------------------


def allot(release: Release, order: list[Application], *, now: datetime) -> None:
    """The allotment that was begun, or a new one of what is free; the first one is the draw."""
    number = current_round(release, order, now=now)
    # Seats that are in somebody's transaction are asked for again by the next run.
    if number is None or _carry_out(release, number, order, now=now):
        _tell_the_others(release, now=now)


@transaction.atomic
def current_round(release: Release, order: list[Application], *, now: datetime) -> int | None:
    """The number of the allotment to work on: the open one, or a new one, if somebody can be given something."""
    locks.alone(release.pk)
    last = DrawingRound.objects.filter(drawing=release.pk).order_by("-number").first()
    if last is not None and last.closed_at is None:
        return last.number
    progress = DrawProgress.objects.get(release=release)
    if last is not None and (progress.look_at is None or progress.look_at > now):
        return None
    lots = _to_give(release, now=now)
    number = 1 if last is None else last.number + 1
    if last is not None and not _somebody_fits(last, order, lots):
        _look_later(progress, now=now)
        return None
    drawing.open_round(release, number, now, lots=lots)
    return number


def _to_give(release: Release, *, now: datetime) -> list[Lot]:
    sealed = folder.sealed_lots(Drawing.objects.get(release=release))
    free = free_times(release, now=now, starts_after=now + LAST_MOMENT)
    return within((times.lot for times in free), sealed)


def _somebody_fits(last: DrawingRound, order: list[Application], lots: list[Lot]) -> bool:
    """Whether an allotment of ``lots`` would give anything to anybody who can still be given something. Who could not
    take it in the one before is asked again when there is another one, and makes none.
    """
    release = last.drawing_id
    won = set(DrawWin.objects.filter(release=release).values_list("application__code", flat=True))
    left = DrawApplication.objects.filter(release=release).exclude(withdrawn_at=None)
    out = won | set(left.values_list("code", flat=True)) | set(last.refused)
    lines = dictatorship.allot([each for each in order if each.code not in out], lots)
    return any(isinstance(line, Award) for line in lines)


def _carry_out(release: Release, number: int, order: list[Application], *, now: datetime) -> bool:
    """Hold for every winner of the allotment, a batch at a time, then close and publish it; False to go on later."""
    while True:
        with transaction.atomic():
            locks.alone(release.pk)
            current = DrawingRound.objects.select_related("drawing").get(drawing=release.pk, number=number)
            if current.closed_at is not None:
                return True
            held = set(DrawWin.objects.filter(release=release).values_list("application__code", flat=True))
            lines = drawing.lines_of(current, order)
            to_hold = [line for line in lines if isinstance(line, Award) and line.code not in held][:BATCH]
            if not to_hold:
                drawing.close_round(current, now)
                _done(release, number, now=now)
                return True
            outcome = award(release, to_hold, number=number, now=now)
            if outcome.refused:
                drawing.refuse(current, outcome.refused)
            if outcome.busy:
                return False


def _done(release: Release, number: int, *, now: datetime) -> None:
    progress = DrawProgress.objects.get(release=release)
    progress.allotted_at = progress.allotted_at or now
    _look_later(progress, now=now)


def _look_later(progress: DrawProgress, *, now: datetime) -> None:
    progress.look_at = now + LOOKS_EVERY
    progress.save(update_fields=["allotted_at", "look_at"])


TELL = """
INSERT INTO outbox_message (created_at, due_at, kind, payload)
SELECT %(now)s, %(now)s, 'draw.lost', jsonb_build_object('application', a.id::text)
FROM appointments_drawapplication a
WHERE a.release_id = %(release)s AND a.withdrawn_at IS NULL AND a.place IS NOT NULL
  AND NOT EXISTS (SELECT FROM appointments_drawwin w WHERE w.application_id = a.id)
ORDER BY a.place
"""


@transaction.atomic
def _tell_the_others(release: Release, *, now: datetime) -> None:
    """Once, after the draw itself. Winners were told with their seats."""
    locks.alone(release.pk)
    progress = DrawProgress.objects.get(release=release)
    if progress.told_at is not None or progress.allotted_at is None:
        return
    with connection.cursor() as cursor:
        cursor.execute(TELL, {"now": now, "release": release.pk})
    progress.told_at = now
    progress.save(update_fields=["told_at"])


def _due(*, now: datetime) -> list[Release]:
    """Announced draws that have opened and are not yet anybody's."""
    opened = Release.objects.announced(now=now).filter(mode=Gate.DRAW, opens_at__lte=now, opens_to_all_at__gt=now)
    return list(opened)


def _standing(release: Release) -> Iterable[DrawApplication]:
    found = release.applications.standing().select_related("procedure")
    return found.order_by("code").iterator(chunk_size=ROWS)
