"""The same people without HTTP: a process that calls the services as the pages do, over the same database.

    python -m tests.faults.service_citizens NUMBER SEED WORLD FOLDER CLIENTS

They are every CLIENTS-th account of the world from NUMBER on; an agent at a telephone asks for every fifth of them.

Books until a file ``enough`` is in the folder, repeats what was unknown when ``settle`` is, and ends. A call costs a
fifth of one over HTTP, so that many more meet each fault.
"""

import json
import sys
import time
from hashlib import sha256
from pathlib import Path
from random import Random

import django
from django.db import DatabaseError, InterfaceError, OperationalError, connection

from tests.faults.citizens import PAUSE_SECONDS, Citizen, Deed
from tests.faults.world import accounts_of


class ServiceCitizen(Citizen):
    restless = True

    def carry_out(self, deed: Deed) -> tuple[int, dict] | None:
        from appointments.errors import BookingError
        from appointments.guards import BookingRefused

        try:
            answer = self.call(deed)
        except (BookingError, BookingRefused) as refusal:
            self.count(refusal.code)
            return 409, {"code": refusal.code}
        except (OperationalError, InterfaceError) as error:  # away, or a lock that was not had in time
            self.count(type(error).__name__)
            connection.close()
            return None
        except DatabaseError as error:
            self.wrong.append(repr(error))
            return None
        self.count("200")
        return 200, answer

    def call(self, deed: Deed) -> dict:
        from appointments.services import IdempotencyKey, cancel_appointments, confirm_hold, hold_seats, release_hold
        from appointments.services.hold import Wish
        from mexitel.accounts.models import User
        from mexitel.utils.time import now as clock

        account, now = User.objects.get(pk=deed.account.number), clock()
        key = IdempotencyKey(deed.key, sha256(json.dumps(deed.body, sort_keys=True).encode()).digest())
        by_phone = {"channel": "phone", "agent_id": self.agent, "call_reference": "1"}
        common = {"account": account, "key": key, "now": now} | (by_phone if account.pk % 5 == 0 else {})
        if deed.verb == "hold":
            wishes = [Wish(wish["slot"], wish["seats"]) for wish in deed.body["slots"]]
            replaces = deed.body.get("replaces", [])
            held = hold_seats(wishes=wishes, replaces=replaces, procedure_id=self.procedure, **common)
            return {"id": str(held.hold_id)}
        if deed.verb == "release":
            release_hold(account=account, hold_id=deed.hold, now=now)
            return {}
        if deed.verb == "cancel":
            cancel_appointments(appointment_ids=deed.body["appointments"], **common)
            return {"appointments": [{"id": one} for one in deed.body["appointments"]]}
        people = [[entry_of(person)] for person in deed.body.get("people", [])]
        done = confirm_hold(hold_id=deed.hold, people=people, today=now.date(), **common)
        return {"appointments": [{"id": str(one)} for one in done]}


def entry_of(person: dict):
    from datetime import date

    from appointments.services import Entry

    return Entry(person["given_names"], person["surname_1"], "", birth_date=date.fromisoformat(person["birth_date"]))


def main(number: int, seed: int, world: Path, folder: Path, clients: int) -> None:
    facts = json.loads(world.read_text())
    accounts = accounts_of(facts, number, clients)
    citizen = ServiceCitizen(number, 0, folder, accounts)
    citizen.random, citizen.procedure, citizen.agent = Random(seed), facts["procedure"], facts["agent"]
    citizen.slots = [int(slot) for slot in facts["planned"]]
    while not (folder / "enough").exists():
        citizen.book(citizen.somebody_comes())
    while not (folder / "settle").exists():
        time.sleep(PAUSE_SECONDS)
    citizen.settle()
    (folder / f"wrong-{number}.json").write_text(json.dumps({"wrong": citizen.wrong, "seen": citizen.seen}))


if __name__ == "__main__":
    django.setup()
    main(int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3]), Path(sys.argv[4]), int(sys.argv[5]))
