"""Reads of one session at the door: who is on the roster and where each stands, the numbers of the day, the wall."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Avg, Count, F, Prefetch, Q, QuerySet

from appointments.day.marks import Mark, marks_of
from appointments.enums import AppointmentStatus
from appointments.models import Appointment, Attendance, Attendee
from appointments.models.attendance import STEPS, UNDO_LENGTH, AttendanceState
from appointments.services.day import ON_THE_ROSTER
from appointments.visits import grouped
from consulates.models import Consulate, Session, SessionStatus
from consulates.wording import clock, local_day

ON_THE_WALL = 6


@dataclass(frozen=True)
class Line:
    """One appointment of the roster. ``people`` are full names, the principal first; only the desk sees them."""

    appointment: Appointment
    attendance: Attendance | None
    people: list[Attendee]
    clock: str
    now: datetime
    is_later: bool = False
    mark: Mark | None = None

    @property
    def state(self) -> AttendanceState:
        """What the door noted; without it, what the appointment itself says (it was settled elsewhere)."""
        if self.attendance:
            return AttendanceState(self.attendance.state)
        return {
            AppointmentStatus.ATTENDED: AttendanceState.ATTENDED,
            AppointmentStatus.NO_SHOW: AttendanceState.NO_SHOW,
        }.get(AppointmentStatus(self.appointment.status), AttendanceState.EXPECTED)

    @property
    def reference(self) -> str:
        return grouped(self.appointment.reference)

    @property
    def names(self) -> list[str]:
        return [person.full_name for person in self.people]

    @property
    def guardian(self) -> str:
        return ", ".join(dict.fromkeys(person.guardian_name for person in self.people if person.guardian_name))

    @property
    def priority(self) -> bool:
        return any(person.priority for person in self.people)

    @property
    def is_due(self) -> bool:
        return self.appointment.starts_at <= self.now

    @property
    def steps(self) -> list[AttendanceState]:
        """What a clerk may note now; nothing for a session of a later day."""
        if self.is_later:
            return []
        too_early = () if self.is_due else (AttendanceState.NO_SHOW,)
        return [state for state in STEPS[self.state] if state not in too_early]

    @property
    def can_undo(self) -> bool:
        attendance = self.attendance
        return bool(attendance and attendance.before and attendance.changed_at >= self.now - UNDO_LENGTH)


def sessions_of(office: Consulate, day: date) -> list[Session]:
    """Every place where the office receives people that day."""
    shown = [SessionStatus.PUBLISHED, SessionStatus.HELD]
    return list(Session.staff.filter(consulate=office, date=day, status__in=shown).order_by("starts_at", "pk"))


def session_at_hand(sessions: list[Session], wanted: str, *, now: datetime) -> Session | None:
    """The chosen one; else the first that is not over, or the last."""
    chosen = next((session for session in sessions if str(session.pk) == wanted), None)
    going_on = next((session for session in sessions if session.ends_at > now), None)
    return chosen or going_on or (sessions[-1] if sessions else None)


def on_the_roster(session: Session) -> QuerySet[Appointment]:
    return Appointment.staff.filter(session=session, status__in=ON_THE_ROSTER).order_by("starts_at", "reference")


def lines(appointments: QuerySet[Appointment, Appointment], session: Session, *, now: datetime) -> list[Line]:
    """With names. Three queries and one for each kind of mark, however many people."""
    people = Prefetch("attendees", queryset=Attendee.objects.order_by("position"))
    door = Prefetch("attendances", queryset=Attendance.objects.filter(session=session), to_attr="at_the_door")
    is_later = local_day(now, session.time_zone) < session.date
    found = list(appointments.select_related("procedure").prefetch_related(people, door))
    marks = marks_of([one.pk for one in found])
    return [
        Line(
            appointment=one,
            attendance=one.at_the_door[0] if one.at_the_door else None,
            people=list(one.attendees.all()),
            clock=clock(one.starts_at, session.time_zone),
            now=now,
            is_later=is_later,
            mark=marks.get(one.pk),
        )
        for one in found
    ]


def line_of(appointment: Appointment, session: Session, *, now: datetime) -> Line:
    [line] = lines(Appointment.staff.filter(pk=appointment.pk), session, now=now)
    return line


def in_state(appointments: QuerySet[Appointment], session: Session, state: str) -> QuerySet[Appointment]:
    """``open`` is everybody who is not settled. Words that are no state narrow nothing."""
    noted = Attendance.objects.filter(session=session).values("appointment")
    if state == "open":
        return appointments.filter(status=AppointmentStatus.BOOKED)
    if state == AttendanceState.EXPECTED:
        not_moved_on = noted.exclude(state=AttendanceState.EXPECTED)
        return appointments.filter(status=AppointmentStatus.BOOKED).exclude(pk__in=not_moved_on)
    if state in AttendanceState.values:
        return appointments.filter(pk__in=noted.filter(state=state))
    return appointments


@dataclass(frozen=True)
class Numbers:
    """A session in numbers; ``expected`` is everybody on the roster, walk-ins among them."""

    expected: int
    arrived: int
    attended: int
    no_show: int
    other: int
    walk_ins: int
    mean_wait: timedelta | None
    still: Mapping[str, int]

    @property
    def open(self) -> int:
        return sum(self.still.values())


def numbers(session_id: int) -> Numbers:
    """Two queries. Whoever was settled without the door counts as attended or not, without a wait."""
    booked = Appointment.objects.filter(session_id=session_id, status__in=ON_THE_ROSTER)
    status = Counter(dict(booked.order_by().values_list("status").annotate(Count("pk"))))
    door = Attendance.objects.filter(session_id=session_id, appointment__in=booked.order_by())
    counts = door.aggregate(
        arrived=Count("pk", filter=Q(arrived_at__isnull=False)),
        other=Count("pk", filter=Q(state=AttendanceState.OTHER)),
        walk_ins=Count("pk", filter=Q(walk_in=True)),
        waiting=Count("pk", filter=Q(state=AttendanceState.ARRIVED)),
        serving=Count("pk", filter=Q(state=AttendanceState.SERVING)),
        wait=Avg(F("called_at") - F("arrived_at"), filter=Q(called_at__gte=F("arrived_at"))),
    )
    at_the_door: dict[str, int] = {
        AttendanceState.ARRIVED: counts["waiting"],
        AttendanceState.SERVING: counts["serving"],
    }
    return Numbers(
        expected=status.total(),
        arrived=counts["arrived"],
        attended=status[AppointmentStatus.ATTENDED],
        no_show=status[AppointmentStatus.NO_SHOW] - counts["other"],
        other=counts["other"],
        walk_ins=counts["walk_ins"],
        mean_wait=counts["wait"],
        still={AttendanceState.EXPECTED: status[AppointmentStatus.BOOKED] - sum(at_the_door.values()), **at_the_door},
    )


def waiting(session: Session) -> int:
    booked = {"appointment__session": session, "appointment__status": AppointmentStatus.BOOKED}
    return Attendance.staff.filter(session=session, state=AttendanceState.ARRIVED, **booked).count()


@dataclass(frozen=True)
class Turn:
    """What the waiting room sees: letters and a window, nobody's name."""

    code: str
    window: str
    again: bool


def wall(session_ids: Iterable[int]) -> list[Turn]:
    """The turns that are being called or served, the latest call first."""
    called = Attendance.objects.filter(
        session__in=list(session_ids),
        appointment__session=F("session"),
        appointment__status=AppointmentStatus.BOOKED,
        state=AttendanceState.SERVING,
    ).order_by("-called_at", "-pk")[:ON_THE_WALL]
    return [Turn(one.turn, one.window, one.calls > 1) for one in called]
