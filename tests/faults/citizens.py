"""People who book over the API while things die, and write down what they were told before they ask for more."""

import email
import http.client
import json
import random
import re
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from email import policy
from pathlib import Path
from uuid import uuid4

from tests.faults.history import History
from tests.faults.processes import wait_until

PROCEDURE = "passport-adult-renewal"
PAUSE_SECONDS = 0.1  # before the same request is sent again
LONGEST_ANSWER_SECONDS = 20


@dataclass
class Account:
    address: str
    token: str = ""
    number: int = 0
    standing: list[dict] = field(default_factory=list)  # appointments that were acknowledged and not cancelled since
    named: list[dict] = field(default_factory=list)  # who attends them


@dataclass
class Deed:
    """One POST that must be done once, whatever happens to its answers."""

    account: Account
    verb: str  # hold, confirm, cancel, release
    path: str
    body: dict
    key: str = field(default_factory=lambda: uuid4().hex)
    was_unknown: bool = False
    status: int = 0  # of the answer that settled it
    answer: dict = field(default_factory=dict)

    @property
    def acknowledged(self) -> bool:
        return 200 <= self.status < 300

    @property
    def appointments(self) -> list[dict]:
        return self.answer.get("appointments", []) if self.acknowledged else []

    @property
    def hold(self) -> str:
        """The one that it is about: of its answer, or of its address."""
        return self.answer.get("id", "") if self.verb == "hold" else self.path.split("/")[2]

    @property
    def asked(self) -> dict:
        """What the history says of it."""
        if self.verb == "hold":
            slots = [wish["slot"] for wish in self.body["slots"] for _ in range(wish["seats"])]
            return {"slots": slots, "replaces": self.body.get("replaces", [])}
        if self.verb == "cancel":
            return self.body
        return {"hold": self.hold, "people": [person["given_names"] for person in self.body.get("people", [])]}

    def told(self, answer: dict) -> dict:
        """What the history keeps of an answer that was yes."""
        if self.verb == "hold":
            return {"hold": answer["id"]}
        return {"appointments": [one["id"] for one in answer.get("appointments", [])]}


class Citizen(threading.Thread):
    """One request at a time, over HTTP. Every other unknown outcome is left as it is, as by somebody who went away,
    until there is room for nothing new or until ``settle``; the others are repeated at once. Who is ``restless`` also
    moves, brings a second person, and changes their mind.
    """

    restless = False

    def __init__(self, number: int, port: int, folder: Path, accounts: list[Account]) -> None:
        super().__init__(name=f"citizen {number}", daemon=True)
        self.number, self.port, self.folder, self.random = number, port, folder, random.Random(number)
        self.history = History(folder / f"{type(self).__name__.lower()}-{number}.jsonl")
        self.accounts = accounts
        self.deeds: list[Deed] = []
        self.booked: list[tuple[float, float]] = []  # from the hold's first byte to the confirmation's last
        self.wrong: list[str] = []  # answers that nobody may ever see
        self.seen: dict[str, int] = {}
        self.slots: list[int] = []
        self.unknowns = 0
        self.enough = threading.Event()

    def again(self) -> "Citizen":
        """The same person with an empty ledger."""
        accounts = [replace(account) for account in self.accounts]
        return Citizen(self.number, self.port, self.folder, accounts)

    # -- one request ---------------------------------------------------------------------------

    def send(self, method: str, path: str, body: dict | None = None, **headers: str) -> tuple[int, dict] | None:
        """Status and answer; None when nobody can know what became of it."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=LONGEST_ANSWER_SECONDS)
        try:
            connection.request(
                method,
                f"/api/v1{path}",
                json.dumps(body) if body is not None else None,
                {"Content-Type": "application/json", **headers},
            )
            answer = connection.getresponse()
            status, words, again = answer.status, answer.read(), answer.headers["Retry-After"]
            if status != 204 and "Content-Length" not in answer.headers and not answer.chunked:
                raise http.client.IncompleteRead(words)  # cut within its headers, which http.client takes for their end
        except (OSError, http.client.HTTPException) as error:
            self.count(type(error).__name__)
            return None
        finally:
            connection.close()
        self.count(str(status))
        if status >= 500 and (status != 503 or not again):
            self.wrong.append(f"{status} {method} {path}: {words[:300]!r}")
        return None if status >= 500 else (status, json.loads(words or b"{}"))

    def count(self, what: str) -> None:
        self.seen[what] = self.seen.get(what, 0) + 1

    def until_answered(self, method: str, path: str, body: dict | None = None, seconds: float = 60) -> dict:
        answers: list[tuple] = []

        def answered() -> bool:
            found = self.send(method, path, body)
            answers.append(found)
            return found is not None and found[0] < 300

        assert wait_until(answered, seconds), answers[-1]
        return answers[-1][1]

    def carry_out(self, deed: Deed) -> tuple[int, dict] | None:
        method = "DELETE" if deed.verb == "release" else "POST"
        headers = {"Idempotency-Key": deed.key, "Authorization": f"Bearer {deed.account.token}"}
        return self.send(method, deed.path, None if deed.verb == "release" else deed.body, **headers)

    def attempt(self, deed: Deed) -> tuple[int, dict] | None:
        """One call, and what the history says of it."""
        call = self.history.begin(deed.verb, account=deed.account.number, key=deed.key, asked=deed.asked)
        found = self.carry_out(deed)
        if found is None:
            self.history.end(call, "unknown")
        elif found[0] < 300:
            self.history.end(call, "ok", deed.told(found[1]))
        else:
            self.history.end(call, "refused", {"code": found[1].get("code", str(found[0]))})
        return found

    def do(self, deed: Deed, *, may_leave: bool = True) -> bool:
        """Until it is answered, or left with its outcome unknown; says whether it was acknowledged."""
        if deed not in self.deeds:
            self.deeds.append(deed)
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            found = self.attempt(deed)
            if found is None:
                if not deed.was_unknown:
                    deed.was_unknown = True
                    self.unknowns += 1
                    if may_leave and self.unknowns % 2:
                        return False
            elif found[0] != 429 and found[1].get("code") != "busy":  # neither was stored, both say so
                deed.status, deed.answer = found
                return deed.acknowledged
            time.sleep(PAUSE_SECONDS)
        self.wrong.append(f"no answer in a minute: {deed.verb} {deed.key}")
        return False

    # -- what people do ------------------------------------------------------------------------

    def sign_in(self, account: Account) -> None:
        """By the code in the mail."""
        asked = self.until_answered("POST", "/sign-in-codes", {"email": account.address})
        codes: list[str] = []

        def arrived() -> bool:
            codes.extend(code_in(mail) for mail in mails(self.folder) if mail["To"] == account.address)
            return bool(codes)

        assert wait_until(arrived, 60), f"no code for {account.address}"
        opened = self.until_answered("POST", "/sessions", {"request": asked["request"], "code": codes[0]})
        account.token = opened["token"]

    def arrive(self) -> None:
        for account in self.accounts:
            if not account.token:
                self.sign_in(account)
        self.slots = list(self.free_slots())

    def free_slots(self) -> Iterator[int]:
        """Of this month and the next."""
        month = ""
        for _ in range(2):
            asked = f"?procedure={PROCEDURE}" + (f"&month={month}" if month else "")
            found = self.until_answered("GET", f"/offices/houston/availability{asked}")
            for day in found["days"]:
                asked = f"/offices/houston/availability/{day['date']}?procedure={PROCEDURE}&party=1"
                for session in self.until_answered("GET", asked)["sessions"]:
                    yield from (part["slot"] for choice in session["times"] for part in choice["slots"])
            year, number = map(int, found["month"].split("-"))
            month = f"{year + number // 12}-{number % 12 + 1:02}"

    def run(self) -> None:
        try:
            self.arrive()
            while not self.enough.is_set():
                self.book(self.somebody_comes())
        except Exception as error:  # a thread's exception would be lost
            self.wrong.append(repr(error))

    def somebody_comes(self) -> Account:
        """One of them all; the restless crowd at the first, whose lock another client meets too, and wait while
        ``pause`` is in the folder.
        """
        while self.restless and (self.folder / "pause").exists():
            time.sleep(PAUSE_SECONDS)
        return self.accounts[0] if self.restless and self.random.random() < 0.2 else self.random.choice(self.accounts)

    def book(self, account: Account) -> None:
        if len(account.standing) >= 5 and self.random.random() < 0.9:
            return self.cancel(account)
        if self.restless and account.standing and self.random.random() < 0.2:
            return self.move(account)
        begun, party = time.monotonic(), 1 + (self.restless and self.random.random() < 0.2)
        wish = [{"slot": self.random.choice(self.slots), "seats": party}]
        held = Deed(account, "hold", "/holds", {"procedure": PROCEDURE, "slots": wish})
        if self.do(held):
            if self.restless and self.random.random() < 0.05:
                self.do(Deed(account, "release", f"/holds/{held.hold}", {}))
            elif self.name_somebody(held):
                self.booked.append((begun, time.monotonic()))
        elif held.answer.get("code") in ("lock_full", "too_many_holds"):
            self.come_back(account)
            if self.restless and account.standing:
                self.cancel(account)
        return None

    def name_somebody(self, held: Deed) -> bool:
        account, path = held.account, f"/holds/{held.hold}/confirm"
        party = sum(wish["seats"] for wish in held.body["slots"])
        if account.named and self.random.random() < 0.1:
            self.do(Deed(account, "confirm", path, {"people": [account.named[-1]] * party}))  # has one: refused
        booking = Deed(account, "confirm", path, {"people": [somebody() for _ in range(party)]})
        return self.do(booking) and self.keep(booking)

    def keep(self, booking: Deed) -> bool:
        booking.account.standing += booking.appointments
        booking.account.named += booking.body["people"]
        return True

    def move(self, account: Account) -> None:
        """One appointment to another time; it keeps its person and its id."""
        wish = [{"slot": self.random.choice(self.slots), "seats": 1}]
        body = {"procedure": PROCEDURE, "slots": wish, "replaces": [self.random.choice(account.standing)["id"]]}
        held = Deed(account, "hold", "/holds", body)
        if self.do(held):
            self.do(Deed(account, "confirm", f"/holds/{held.hold}/confirm", {}))

    def come_back(self, account: Account) -> None:
        """To what was left with its outcome unknown, and counts among the five."""
        for deed in [deed for deed in self.deeds if deed.account is account and not deed.status]:
            if self.do(deed, may_leave=False):
                if deed.verb == "hold" and not deed.body.get("replaces"):
                    self.name_somebody(deed)
                elif deed.verb == "confirm" and deed.body:
                    self.keep(deed)

    def cancel(self, account: Account) -> None:
        appointment = account.standing.pop(0)
        account.named.pop(0)
        self.do(Deed(account, "cancel", "/appointments/cancel", {"appointments": [appointment["id"]]}))

    def settle(self) -> list[Deed]:
        """Repeat each deed whose outcome was ever unknown, and once more; those that got another answer then."""
        unsteady = []
        for deed in [deed for deed in self.deeds if deed.was_unknown]:
            self.do(deed, may_leave=False)
            first = outcome(deed)
            self.do(deed, may_leave=False)
            if outcome(deed) != first:
                unsteady.append(deed)
        return unsteady


def outcome(deed: Deed) -> tuple:
    """What an answer says was done; a hold's other members tell its present state."""
    ids = [(one["id"], one.get("reference")) for one in deed.appointments]
    return deed.status, deed.answer.get("id"), deed.answer.get("code"), ids


def somebody() -> dict:
    return {"given_names": letters(uuid4().hex), "surname_1": "Prueba", "birth_date": "1990-05-17"}


def letters(digits: str) -> str:
    return "".join(chr(ord("A") + int(digit, 16)) for digit in digits).capitalize()


def mails(folder: Path) -> list[email.message.EmailMessage]:
    return [
        email.message_from_bytes(path.read_bytes(), policy=policy.default)
        for path in (folder / "messages").glob("*.eml")
    ]


def code_in(mail: email.message.EmailMessage) -> str:
    return re.search(r"\b\d{6}\b", mail.get_body(("plain",)).get_content()).group()
