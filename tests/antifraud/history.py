"""Small invented histories, written as events are written: one call for what one person does."""

from datetime import UTC, datetime, timedelta
from typing import Any

from antifraud.engine import Engine
from antifraud.events import Event, moment, parse_event
from antifraud.rulesets import RuleSet, newest, ruleset
from antifraud.store import MemoryStore

BEGINS = datetime(2026, 3, 2, 16, tzinfo=UTC)


def text(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def who(given: str, first: str, second: str = "", born: str = "1985-05-17", **more: Any) -> dict[str, Any]:
    person = {"given_names": given, "surname_1": first, "surname_2": second, "birth_date": born, "sex": "X"}
    return {**person, "curp": None, "minor": False, "guardian": False, **more}


def child(given: str, first: str, second: str = "", born: str = "2017-02-03") -> dict[str, Any]:
    return who(given, first, second, born, minor=True, guardian=True)


class History:
    """Raw events in the format of antifraud/EVENTS.md. ``now`` moves by ``wait``; ids are numbered."""

    def __init__(self, begins: datetime = BEGINS) -> None:
        self.now = begins
        self.raw: list[dict[str, Any]] = []
        self.count = 0

    def wait(self, **length: float) -> None:
        self.now += timedelta(**length)

    def write(self, kind: str, **keys: Any) -> None:
        self.raw.append({"t": text(self.now), "kind": kind, **keys})

    def sign_up(self, account: str, *, email: str = "", phone: str = "", **keys: Any) -> None:
        self.write("register", account=account, email=email or f"{account}@example.org", **keys)
        if phone:
            self.wait(seconds=20)
            self.write("verify_phone", account=account, phone=phone, **keys)

    def hold(
        self, account: str, person: dict[str, Any], *, seat: str = "", office: str = "dallas", lag: float = 3000,
        fill: float | None = 80, **keys: Any,
    ) -> str:  # fmt: skip
        self.count += 1
        slot = seat or f"slot-{self.count}"
        self.write(
            "hold", account=account, hold=f"h{self.count}", slot=slot, seat=slot, office=office,
            starts_at=text(self.now + timedelta(days=20)), visible_at=text(self.now - timedelta(seconds=lag)),
            applicant=person, fill_s=fill, **keys,
        )  # fmt: skip
        return f"h{self.count}"

    def book(self, account: str, person: dict[str, Any], **keys: Any) -> str:
        """Keep a seat and book it: the appointment's id."""
        hold = self.hold(account, person, **keys)
        self.wait(seconds=30)
        self.write("book", account=account, appointment=f"a{self.count}", hold=hold)
        return f"a{self.count}"

    def lapse(self, hold: str) -> None:
        self.wait(minutes=5)
        self.write("expire", hold=hold)

    def sell(self, appointment: str, seat: str, buyer: str, person: dict[str, Any], **keys: Any) -> str:
        """Give a seat back and take it at once for somebody else."""
        self.write("cancel", appointment=appointment, by="booker")
        self.wait(minutes=20)
        return self.book(buyer, person, seat=seat, **{"lag": 3, "fill": 9, **keys})

    def events(self) -> list[Event]:
        return [parse_event(raw) for raw in sorted(self.raw, key=lambda raw: raw["t"])]


def run(history: History, rules: RuleSet | None = None) -> MemoryStore:
    store = MemoryStore()
    Engine(store, rules or ruleset(newest())).run(history.events())
    return store


def flagged(store: MemoryStore) -> set[str]:
    return {booking.id for booking in store.bookings.values() if booking.flag}


def codes(store: MemoryStore, appointment: str) -> set[str]:
    flag = store.bookings[appointment].flag
    return {reason.code for reason in flag.assessment.reasons if reason.points > 0} if flag else set()


def moment_of(at: datetime) -> int:
    return moment(text(at))
