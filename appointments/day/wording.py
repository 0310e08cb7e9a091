"""What the door says, in the language that is active: needs, verdicts, refusals and the letters of the keys."""

from collections.abc import Iterable
from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from appointments.day.finding import Finding, Verdict
from appointments.day.roster import Line, Numbers
from appointments.forms import INTERPRETERS
from appointments.models import Attendee
from appointments.models.attendance import AttendanceState
from appointments.services.callers import CallerError
from appointments.services.day import DayError
from consulates.wording import moment


class Key(NamedTuple):
    """One step: the letter that does it and the word on its button."""

    step: str
    letter: str
    text: Promise


KEYS: dict[str, Key] = {
    state: Key(state, letter, text)
    for state, letter, text in [
        (AttendanceState.ARRIVED, "L", gettext_lazy("Arrived")),
        (AttendanceState.SERVING, "V", gettext_lazy("At the window")),
        (AttendanceState.ATTENDED, "A", gettext_lazy("Attended")),
        (AttendanceState.NO_SHOW, "N", gettext_lazy("Did not come")),
        (AttendanceState.OTHER, "O", gettext_lazy("Another person")),
        ("undo", "D", gettext_lazy("Undo")),
    ]
}


def needs_of(people: Iterable[Attendee]) -> list[str]:
    """What the desk prepares, each need once."""
    found = []
    for person in people:
        if person.wheelchair:
            found.append(_("wheelchair"))
        if person.sign_language:
            found.append(_("sign language"))
        if person.interpreter:
            language = str(dict(INTERPRETERS).get(person.interpreter, person.interpreter))
            found.append(_("interpreter: %(language)s") % {"language": language})
    return list(dict.fromkeys(found))


def verdict_text(finding: Finding) -> tuple[str, str]:
    """A title and one or two sentences, in plain words."""
    when = office = ""
    if finding.appointment:
        when = moment(finding.appointment.starts_at, finding.appointment.session.time_zone)
        office = finding.appointment.consulate.name
    facts = {"when": when, "office": office}
    texts = {
        Verdict.MOVED: (
            _("The appointment was moved."),
            _("The receipt shows the old time. The appointment is now: %(when)s."),
        ),
        Verdict.CANCELLED: (
            _("The appointment was cancelled."),
            _("It was for %(when)s. If there is a free time today, the person can be received without an appointment."),
        ),
        Verdict.NEEDS_NEW_TIME: (
            _("The appointment lost its time and needs a new one."),
            _("It was for %(when)s. Offer a new time from the work list of closures, or a free time of today."),
        ),
        Verdict.ANOTHER_DAY: (_("The appointment is on another day."), "%(when)s."),
        Verdict.ANOTHER_OFFICE: (_("The appointment is in another office."), "%(office)s: %(when)s."),
        Verdict.NOT_OURS: (
            _("This is not our receipt."),
            _(
                "Mexitel did not sign it, or part of it is missing or was changed. Scan it again, or ask for the"
                " reference. If somebody sold it, tell your manager: the appointment is free."
            ),
        ),
        Verdict.MISTYPED: (
            _("That is not a whole reference."),
            _("A reference has nine letters and numbers, and one of these does not fit. Read it again."),
        ),
        Verdict.UNKNOWN: (
            _("Nobody has that reference."),
            _("No appointment of ours has it. Read it again, or ask for the receipt."),
        ),
    }
    title, text = texts[finding.verdict]
    return title, text % facts


def refusal_text(error: DayError | CallerError) -> str:
    sentences = {
        "step_refused": _("Somebody noted something else meanwhile. Look at the state and choose again."),
        "session_held": _("This day is closed. Its outcomes stand."),
        "not_today": _("This session is on a later day. Nobody is received for it yet."),
        "too_early": _("The time of this appointment has not come yet. Nobody has failed to come."),
        "undo_too_late": _("There is nothing to undo: a step can be taken back once, within ten minutes."),
        "no_window": _("Write your window first. It is what the waiting room sees."),
        "still_serving": _("You still have somebody at your window. First note how it ended."),
        "not_ended": _("The session is not over yet."),
        "still_open": _("Some people are not settled. Note how it ended for each of them."),
        "phone_unclear": _("That is not a telephone number. Write it with ten digits, or leave it empty."),
        "reason_missing": _("Without a telephone, write why you register this person."),
    }
    return sentences.get(error.code) or _("That could not be done. Try again.")


def keys_of(line: Line) -> list[Key]:
    """The buttons of one person, in the order of the day."""
    steps: list[str] = list(line.steps)
    if line.state == AttendanceState.SERVING:
        steps.remove(AttendanceState.ARRIVED)  # "back to waiting" stands beside the calls
    return [KEYS[step] for step in [*steps, *(["undo"] if line.can_undo else [])]]


def counted(numbers: Numbers) -> list[tuple[str, int]]:
    """Where everybody stands now."""
    return [
        (_("On the roster"), numbers.expected),
        (_("Still to come"), numbers.still[AttendanceState.EXPECTED]),
        (_("Waiting"), numbers.still[AttendanceState.ARRIVED]),
        (_("Being served"), numbers.still[AttendanceState.SERVING]),
        (_("Were attended"), numbers.attended),
        (_("Have not come"), numbers.no_show),
    ]


def counted_all(numbers: Numbers, minutes: int | None) -> list[tuple[str, str | int]]:
    """The summary; ``minutes`` is the mean wait from arrival to call."""
    return [
        (_("On the roster"), numbers.expected),
        (_("Have arrived"), numbers.arrived),
        (_("Were attended"), numbers.attended),
        (_("Have not come"), numbers.no_show),
        (_("Somebody else came"), numbers.other),
        (_("Came without an appointment"), numbers.walk_ins),
        (_("Minutes until the call (mean)"), "–" if minutes is None else minutes),
        (_("Not settled"), numbers.open),
    ]
