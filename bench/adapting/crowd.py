"""Honest people: they come, at a release or when they need to, take what there is, or come again for a few days."""

from datetime import date, timedelta
from random import Random
from uuid import UUID

from antifraud.models import IdentityRequest, RequestState
from antifraud.validation.answers import say_yes
from antifraud.validation.people import Told, principal_of
from appointments.errors import BookingError
from appointments.guards import BookingRefused, StepUpNeeded
from appointments.models import Appointment
from appointments.services.hold import Wish
from bench.adapting.scene import Booker, Scene
from bench.simulator import groups
from bench.simulator.names import Person
from mexitel.utils.browsers import Seen

DEMAND = 1.25  # places that honest people want for each one that there is
TRIES = 14


class Crowd:
    """Parties are planned from the seed alone, so that both arms meet the same people at the same moments."""

    def __init__(self, seed: int, scene: Scene) -> None:
        self.scene, self.rng = scene, Random(f"{seed} crowd")
        self.served = self.gave_up = 0
        wanted = 0
        while wanted < scene.size * DEMAND:
            wanted += self._plan()

    def _plan(self) -> int:
        """One party, or a terminal's queue; how many places they want."""
        draw = self.rng.random()
        if draw < 0.03:
            return self._terminal()
        if draw < 0.05:
            people = [self.scene.person() for _ in range(self.rng.randint(2, 4))]
            return self._comes("helper", self.scene.person(), people)
        if draw < 0.35:
            owner, people = groups.household(self.scene.world)
            return self._comes("family", owner, people[:5])
        owner = self.scene.person()
        return self._comes("single", owner, [owner])

    def _terminal(self) -> int:
        """People of one parish, an account each, on one browser."""
        seen, many = self.scene.browser(), self.rng.randint(6, 12)
        day = self.rng.randrange(self.scene.days)
        for _ in range(many):
            owner = self.scene.person()
            self._comes("terminal", owner, [owner], seen=seen, day=day)
        return many

    def _comes(
        self, kind: str, owner: Person, people: list[Person], *, seen: Seen | None = None, day: int | None = None
    ) -> int:
        party = Party(self, kind, owner, people, seen or self.scene.browser())
        if day is None and self.rng.random() < 0.3:  # for a release
            opens, party.office = self.rng.choice(self.scene.releases)
            at = opens + timedelta(seconds=self.rng.expovariate(1 / 300))
        else:
            day = self.rng.random() * (self.scene.days + 1) if day is None else day
            at = self.scene.begins + timedelta(days=int(day), hours=8 + self.rng.random() * 13)
        self.scene.at(at, party.comes)
        return len(people)


class Party:
    def __init__(self, crowd: Crowd, kind: str, owner: Person, people: list[Person], seen: Seen) -> None:
        self.crowd, self.scene = crowd, crowd.scene
        self.kind, self.owner, self.people, self.seen = kind, owner, people, seen
        contacts = self.scene.world.contacts
        self.email, self.phone = contacts.mailbox(owner), contacts.phone()
        # Drawn now: what the two arms answer must not change who these people are.
        self.rng = Random(crowd.rng.random())
        self.office = self.rng.randrange(len(self.scene.offices))
        self.proves = self.rng.random() < 0.6
        self.fill = self.rng.lognormvariate(4.3, 0.4)
        self.who: Booker | None = None
        self.tries = 0

    def comes(self) -> None:
        if self.who is None:
            self.who = self.scene.open_account(
                self.email, self.seen, kind=self.kind, actor=self.email, family=self.kind == "family"
            )
            if self.proves:
                self.scene.prove(self.who, self.phone)
        wishes = self._choose(self.scene.free(self.office))
        if wishes is None:
            return self._later()
        try:
            hold_id = self.scene.hold(self.who, wishes)
        except (BookingRefused, BookingError) as error:
            self.scene.told[f"honest refused: {error.code}"] += 1
            return self._later()
        if self.rng.random() < 0.06:
            return self._later()  # let it lapse
        self.scene.after(min(540, self.fill * len(self.people)), lambda: self._books(hold_id))

    def _choose(self, free: dict[int, int]) -> list[Wish] | None:
        """All in one time where there is one, else in times of one session that follow each other."""
        many = len(self.people)
        fits = [slot for slot, seats in free.items() if seats >= many]
        if fits:
            return [Wish(self.rng.choice(fits), many)]
        for slot in sorted(free):
            if slot + 1 in free and free[slot] + free[slot + 1] >= many:
                return [Wish(slot, free[slot]), Wish(slot + 1, many - free[slot])]
        return None

    def _later(self) -> None:
        self.tries += 1
        if self.tries >= TRIES:
            self.crowd.gave_up += 1
            return
        self.scene.after(self.rng.expovariate(1 / 18_000) + 60, self.comes)

    def _books(self, hold_id: UUID, *, asked: bool = False) -> None:
        people = [
            self.scene.entry(one, self.fill, guardian=f"{self.owner.given} {self.owner.first}") for one in self.people
        ]
        try:
            made = self.scene.confirm(self.who, hold_id, people)
        except StepUpNeeded as error:
            self.scene.told[f"honest asked for: {error.need}"] += 1
            if error.need != "code" or asked or self.rng.random() < 0.1:
                return self._later()
            if not self.who.phone:
                self.scene.prove(self.who, self.phone)
            self.scene.take_code(self.who)
            return self.scene.after(20, lambda: self._books(hold_id, asked=True))
        except (BookingRefused, BookingError) as error:
            self.scene.told[f"honest refused: {error.code}"] += 1
            return self._later()
        self.crowd.served += len(made)
        if self.rng.random() < 0.06:
            self.scene.after(self.rng.expovariate(1 / 100_000), lambda: self._cancels(made))

    def _cancels(self, made: list[UUID]) -> None:
        mine = Appointment.objects.upcoming(now=self.scene.now).filter(pk__in=made)
        found = list(mine.values_list("pk", "seat_id"))
        if found:
            self.scene.cancel(self.who, [pk for pk, _ in found], [seat for _, seat in found])


def answer(scene: Scene, request: IdentityRequest) -> None:
    """Somebody who was asked knows who attends, and says yes."""
    request.refresh_from_db()
    if request.state != RequestState.OPEN or not request.is_open(now=scene.now):
        return
    person = principal_of(request.appointment_id)
    proof = person.curp[-4:] if person.curp else person.given_names
    say_yes(request_id=request.pk, told=Told(date.fromisoformat(person.birth_date), proof), now=scene.now)
