"""The rules of holding, confirming, moving and cancelling in plain Python, one request at a time.

It draws nothing: how long a seat rests is read from the database by the test, which checks the bounds.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta


@dataclass
class Seat:
    visible_at: datetime
    holder: str | None = None
    until: datetime | None = None
    freed_by: dict = field(default_factory=dict)  # scope -> until when it is not theirs
    left_by: dict = field(default_factory=dict)  # scope -> the appointment that left it

    def is_free(self, now, scopes=()):
        resting = self.visible_at > now or (self.until is not None and self.until > now)
        return not resting and not any(self.freed_by.get(scope, now) > now for scope in scopes)


@dataclass
class Slot:
    session: int
    starts_at: datetime
    ends_at: datetime  # of the session
    offered: set
    seats: list
    closed: bool = False

    def barred(self, procedure, now):
        if self.starts_at <= now:
            return "started"
        if self.closed:
            return "closed"
        return None if procedure in self.offered else "not_offered"


@dataclass
class Hold:
    booker: int
    procedure: int
    slots: list
    seats: list  # places in the slots
    scopes: list
    replaces: list
    expires_at: datetime
    extended: bool = False
    outcome: str = ""
    closed_at: datetime | None = None

    @property
    def ended_at(self):
        return min(self.closed_at or self.expires_at, self.expires_at)

    def is_open(self, now):
        return not self.outcome and self.expires_at > now


@dataclass
class Appointment:
    booker: int
    person: int
    procedure: int
    slot: int
    seat: int
    scopes: list
    until: datetime
    moving: str | None = None
    cancelled: bool = False


class Portal:
    def __init__(self, slots):
        self.slots, self.holds, self.appointments = slots, {}, {}
        self.caps, self.blocked, self.groups = {}, set(), {}

    def in_use(self, scope, now, without=None):
        held = sum(
            len(hold.seats)
            for name, hold in self.holds.items()
            if hold.is_open(now) and scope in hold.scopes and name != without
        )
        return held + sum(
            scope in one.scopes for one in self.appointments.values() if not one.cancelled and one.until > now
        )

    def permits_refused(self, scopes, n, now, without=None):
        if self.blocked & set(scopes):
            return "blocked"
        over = (self.in_use(scope, now, without) + n > self.caps.get(scope, 5) for scope in scopes)
        return "lock_full" if n and any(over) else None

    def looks_refused(self, wishes, procedure, now):
        """What anybody is told without a lock."""
        barred = [code for slot in wishes if (code := self.slots[slot].barred(procedure, now))]
        free = {slot: sum(seat.is_free(now) for seat in self.slots[slot].seats) for slot in wishes}
        return min(barred, default=None) or ("full" if any(n > free[slot] for slot, n in wishes.items()) else None)

    def places(self, slots, now, booker, scopes, lending, replaces):
        """A place for each of ``slots``, or why there is none: those of the holds that this one ends or that these
        people moved from, then the free ones that the booker has not let go in the last half hour.
        """
        let_go = {
            seat
            for hold in self.recent(booker, scopes, now)
            if hold.outcome != "confirmed" and hold.ended_at <= now < hold.ended_at + timedelta(minutes=30)
            for seat in zip(hold.slots, hold.seats, strict=True)
        }
        chosen = []
        for slot in slots:
            seats = [(n, seat) for n, seat in enumerate(self.slots[slot].seats) if (slot, n) not in chosen]
            own = [
                n for n, seat in seats
                if (seat.holder in lending and seat.until > now)
                or (self.moved_from(seat, scopes, replaces, now) and seat.is_free(now))
            ]  # fmt: skip
            free = [n for n, seat in seats if seat.is_free(now, scopes) and (slot, n) not in let_go]
            if not own and not free:
                return "held_before" if any(seat.is_free(now) for _n, seat in seats) else "full"
            chosen.append((slot, (own + free)[0]))
        return [place for _slot, place in chosen]

    def moved_from(self, seat, scopes, replaces, now):
        return any(seat.freed_by.get(scope, now) > now and seat.left_by[scope] in replaces for scope in scopes)

    def recent(self, booker, scopes, now):
        return [
            hold for hold in self.holds.values()
            if (hold.booker == booker or set(hold.scopes) & set(scopes)) and hold.expires_at > now - timedelta(hours=24)
        ]  # fmt: skip

    def limits_refused(self, booker, scopes, now):
        """Two open parties; and a wait that doubles with each hold left since the last booking."""
        recent = [hold for hold in self.recent(booker, scopes, now) if not hold.replaces]
        if sum(hold.is_open(now) for hold in recent) >= 2:
            return "too_many_holds"
        booked = max((hold.closed_at for hold in recent if hold.outcome == "confirmed"), default=None)
        left = [
            hold.expires_at for hold in recent
            if not hold.outcome and hold.expires_at <= now and (booked is None or hold.expires_at > booked)
            and not any(self.slots[slot].closed for slot in hold.slots)
        ]  # fmt: skip
        wait = timedelta(minutes=min(60, 2 ** (len(left) - 1))) if left else None
        return "cool_down" if wait and max(left) + wait > now else None

    def is_of(self, name, booker):
        return name in self.appointments and self.appointments[name].booker == booker

    def changeable(self, name, booker, now):
        one = self.appointments.get(name)
        return one and one.booker == booker and not one.cancelled and self.slots[one.slot].starts_at > now

    def hold(self, name, booker, scopes, slots, procedure, expires_at, now, supersedes=None, replaces=()):
        mine = [hold for hold in self.holds.values() if hold.booker == booker and hold.is_open(now)]
        same = [hold for hold in mine if (hold.slots, hold.procedure, hold.replaces) == (slots, procedure, [*replaces])]
        own_slots = {slot for hold in mine for slot in hold.slots}
        looked = Counter(slot for slot in slots if slot not in own_slots)
        if refused := self.looks_refused(looked, procedure, now):
            return refused
        if same:
            return "ok"
        old = self.holds.get(supersedes)
        supersedes = supersedes if old and old.booker == booker and old.is_open(now) else None
        moving = (self.appointments[one].moving for one in replaces if self.is_of(one, booker))
        ending = {supersedes, *moving} - {None}
        lending = {one for one in ending if self.holds[one].is_open(now)}
        if barred := [code for slot in slots if (code := self.slots[slot].barred(procedure, now))]:
            return min(barred)
        places = self.places(slots, now, booker, scopes, lending, replaces)
        if isinstance(places, str):
            return places
        if len({self.slots[slot].session for slot in slots}) != 1:
            return "several_sessions"
        if replaces and (
            len(replaces) != len(slots)
            or not all(self.changeable(one, booker, now) for one in replaces)
            or any(self.appointments[one].procedure != procedure for one in replaces)
        ):
            return "not_movable"
        paid = [*scopes, *(scope for one in replaces for scope in self.appointments[one].scopes)]
        refused = (
            self.permits_refused(paid, 0, now)
            if replaces
            else self.permits_refused(scopes, len(slots), now, supersedes)
        )
        if not refused and not replaces and not ending:
            refused = self.limits_refused(booker, scopes, now)
        if refused:
            return refused
        taken = {self.slots[slot].seats[place].holder for slot, place in zip(slots, places, strict=True)}
        lenders = [self.holds[one] for one in taken & lending]
        expires_at = min([expires_at, *(one.expires_at for one in lenders)])
        for ended in ending:
            self.end_hold(ended, "superseded", now)
        for slot, place in zip(slots, places, strict=True):
            self.slots[slot].seats[place].holder = name
        self.holds[name] = Hold(
            booker, procedure, slots, places, [] if replaces else scopes, [*replaces], expires_at,
            extended=any(one.extended for one in lenders),
        )  # fmt: skip
        for one in replaces:
            self.appointments[one].moving = name
        return "ok"

    def end_hold(self, name, outcome, now):
        self.holds[name].outcome = self.holds[name].outcome or outcome
        self.holds[name].closed_at = self.holds[name].closed_at or now
        for one in self.holds[name].replaces:
            if self.appointments[one].moving == name:
                self.appointments[one].moving = None

    def extend(self, name, booker, expires_at, now):
        hold = self.holds.get(name)
        if not hold or hold.booker != booker:
            return "unknown_hold"
        if not hold.is_open(now):
            return "hold_expired"
        if hold.extended:
            return "already_extended"
        hold.extended, hold.expires_at = True, expires_at
        return "ok"

    def release(self, name, booker, now):
        hold = self.holds.get(name)
        if not hold or hold.booker != booker:
            return "unknown_hold"
        if hold.is_open(now):
            self.end_hold(name, "released", now)
        return "ok"

    def confirm(self, name, booker, scopes, people, names, now):
        """``names`` are those of the appointments that it makes."""
        hold = self.holds.get(name)
        if not hold or hold.booker != booker:
            return "unknown_hold"
        if hold.outcome == "confirmed":
            return "ok"
        if not hold.is_open(now):
            return "hold_expired"
        slots = [self.slots[slot] for slot in hold.slots]
        if any(slot.closed for slot in slots):
            return "closed"
        if any(slot.starts_at <= now for slot in slots):
            return "started"
        moved = [self.appointments[one] for one in hold.replaces]
        paid = [*scopes, *hold.scopes, *(scope for one in moved for scope in one.scopes)]
        if refused := self.permits_refused(paid, 0, now):
            return refused
        if moved:
            if not all(one.moving == name and self.slots[one.slot].starts_at > now for one in moved):
                return "not_movable"
            for one, left, slot, place in zip(moved, hold.replaces, hold.slots, hold.seats, strict=True):
                self.free(left, now)
                one.slot, one.seat, one.until, one.moving = slot, place, self.slots[slot].ends_at, None
        else:
            if len(people) != len(slots):
                return "people_missing"
            if len(set(people)) != len(people):
                return "applicant_twice"
            if any(one.person in people and self.groups[one.procedure] == self.groups[hold.procedure]
                   for one in self.appointments.values() if not one.cancelled and one.until > now):  # fmt: skip
                return "applicant_booked"
            if refused := self.permits_refused(set(scopes) - set(hold.scopes), len(slots), now):
                return refused
            for made, person, slot, place in zip(names(), people, hold.slots, hold.seats, strict=True):
                self.appointments[made] = Appointment(
                    booker, person, hold.procedure, slot, place,
                    sorted({*hold.scopes, *scopes}), self.slots[slot].ends_at,
                )  # fmt: skip
        self.end_hold(name, "confirmed", now)
        return "ok"

    def cancel(self, names, booker, now):
        found = [self.appointments.get(name) for name in names]
        if not all(one and one.booker == booker for one in found):
            return "unknown_appointment"
        changing = {name: one for name, one in zip(names, found, strict=True) if not one.cancelled}
        if any(self.slots[one.slot].starts_at <= now for one in changing.values()):
            return "not_cancellable"
        for name, one in changing.items():
            if one.moving and not self.holds[one.moving].outcome:
                self.end_hold(one.moving, "released", now)
            one.cancelled, one.moving = True, None
            self.free(name, now)
        return "ok"

    def free(self, name, now):
        one = self.appointments[name]
        seat = self.slots[one.slot].seats[one.seat]
        seat.holder = None
        seat.freed_by |= dict.fromkeys(one.scopes, now + timedelta(hours=24))
        seat.left_by |= dict.fromkeys(one.scopes, name)
