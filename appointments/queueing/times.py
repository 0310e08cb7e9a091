"""The times of one release, step by step: what and for how many, at which office, on which day, when.

A question with one answer is not asked. Each step is an address, so that going back works.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from consulates import wording
from consulates.forms import WantedForm
from consulates.models import Consulate, Procedure, Release, Session
from consulates.parties import Choice, FreeSlot, choices
from consulates.selectors import free_slots


@dataclass(frozen=True)
class Way:
    """A link to the next step."""

    text: str
    note: str
    href: str


@dataclass(frozen=True)
class Chosen:
    """What is asked next: ``form`` alone, or ``ways``, or the ``times`` of ``session``."""

    form: WantedForm
    procedure: Procedure | None = None
    party: int = 1
    asks_for: str = ""
    ways: Sequence[Way] = ()
    session: Session | None = None
    times: Sequence[dict] = ()
    back: str = ""
    is_empty: bool = field(default=False)


def choice_of(release: Release, query: Mapping[str, str], *, now: datetime, by_phone: bool = False) -> Chosen:
    """``by_phone`` counts the telephone's share as well."""
    procedures = release.procedures.order_by("name_es")
    form = _form(procedures, query)
    if not form.is_bound or not form.is_valid():
        return Chosen(form)
    procedure, party = form.cleaned_data["tramite"], form.cleaned_data["personas"] or 1
    asked = {"tramite": procedure.code, "personas": str(party)}
    fitting = _fitting(release, procedure, party, now=now, by_phone=by_phone)
    offices = {session.consulate: 0 for session, _times in fitting}
    for session, found in fitting:
        offices[session.consulate] += len(found)
    office = next((one for one in offices if one.code == query.get("oficina")), None)
    if len(offices) == 1:
        [office] = offices
    if office is None:
        ways = [_way(one.name, count, asked | {"oficina": one.code}) for one, count in offices.items()]
        return Chosen(form, procedure, party, "office", ways, is_empty=not offices)
    return _at_office(form, procedure, party, asked, office, fitting, query, several=len(offices) > 1)


def _at_office(
    form: WantedForm,
    procedure: Procedure,
    party: int,
    asked: dict[str, str],
    office: Consulate,
    fitting: Sequence[tuple[Session, list[Choice]]],
    query: Mapping[str, str],
    *,
    several: bool,
) -> Chosen:
    here = [(session, found) for session, found in fitting if session.consulate_id == office.pk]
    at_office = asked | {"oficina": office.code}
    back = f"?{urlencode(asked)}" if several else ""
    picked = next((one for one in here if str(one[0].pk) == query.get("jornada")), None)
    if len(here) == 1:
        picked = here[0]
    if picked is None:
        ways = [_way(_day(session), len(found), at_office | {"jornada": str(session.pk)}) for session, found in here]
        return Chosen(form, procedure, party, "day", ways, back=back)
    session, found = picked
    back = f"?{urlencode(at_office)}" if len(here) > 1 else back
    times = [_time(choice, session.time_zone) for choice in found]
    return Chosen(form, procedure, party, "time", session=session, times=times, back=back)


def _form(procedures: QuerySet[Procedure], query: Mapping[str, str]) -> WantedForm:
    """The release's own procedures to choose from; the only one is chosen."""
    only = procedures[0].code if len(procedures) == 1 else ""
    data = {"tramite": query.get("tramite", only), "personas": query.get("personas", "")}
    form = WantedForm(data if "tramite" in query else None, initial=data, auto_id="id_%s")
    form.fields["tramite"].queryset = procedures  # type: ignore[attr-defined]
    return form


def _fitting(
    release: Release, procedure: Procedure, party: int, *, now: datetime, by_phone: bool
) -> list[tuple[Session, list[Choice]]]:
    """The sessions of the release in which the party fits, with the times. Two queries."""
    found = _sessions(release, procedure, now=now)
    free = free_slots([session.pk for session in found], now=now, queued=True, by_phone=by_phone)
    fitting = [(session, choices(free[session.pk], party)) for session in found]
    return [(session, times) for session, times in fitting if times]


@dataclass(frozen=True)
class FreeTime:
    session: Session
    free: FreeSlot


def free_times(release: Release, procedure: Procedure, *, now: datetime) -> list[FreeTime]:
    """Every time of the release with a free seat, in order. Two queries."""
    found = _sessions(release, procedure, now=now)
    free = free_slots([session.pk for session in found], now=now, queued=True)
    return [FreeTime(session, slot) for session in found for slot in free[session.pk]]


def _sessions(release: Release, procedure: Procedure, *, now: datetime) -> list[Session]:
    sessions = Session.objects.published().not_over(now=now).offering(procedure).filter(release=release)
    return list(sessions.select_related("consulate").order_by("starts_at", "id"))


def _way(text: str, times: int, query: dict[str, str]) -> Way:
    note = ngettext("%(times)d time", "%(times)d times", times) % {"times": times}
    return Way(text, note, f"?{urlencode(query)}")


def _day(session: Session) -> str:
    day = wording.short_date(session.date)
    day = day[0].upper() + day[1:]
    if session.is_travelling:
        return f"{day}: {session.city}, {session.state}"
    return f"{day}, {wording.clock(session.starts_at, session.time_zone)}"


def _time(choice: Choice, zone_name: str) -> dict[str, str]:
    """A chip of components/times.html."""
    if choice.together:
        note = ngettext("%(free)s place", "%(free)s places", choice.free) % {"free": choice.free}
    else:
        note = _("until %(clock)s") % {"clock": wording.clock(choice.last_starts_at, zone_name)}
    return {"text": wording.clock(choice.starts_at, zone_name), "name": "slots", "value": choice.value, "note": note}
