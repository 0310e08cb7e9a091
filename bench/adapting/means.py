"""What brokers buy, and with what money: accounts, mailboxes, SIM cards, devices."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bench.adapting.scene import Booker, Scene
from mexitel.utils.browsers import Seen

# US dollars. A device is a clean browser on a line of its own.
ACCOUNT, MAILBOX, SIM, DEVICE = 0.5, 0.5, 10.0, 5.0
MONEY = 150.0  # to begin with
ON_A_DEVICE, ON_A_SIM = 12, 5  # accounts at first
SPENT_SIM = 99


@dataclass
class Handle:
    """An account in a broker's hand."""

    who: Booker
    used: int = 0  # seats held and booked
    full: bool = False


class Means:
    """``each``: seats that it books on an account; ``aliases``: spellings of one mailbox; ``start``: devices to begin
    with. ``learn`` is told what was bought or given up.
    """

    def __init__(
        self, scene: Scene, kind: str, actor: str, learn: Callable[[str], None], *, each: int, aliases: bool, start: int
    ) -> None:
        self.scene, self.kind, self.actor, self.learn = scene, kind, actor, learn
        self.each, self.aliases = each, aliases
        self.on_a_device, self.on_a_sim = ON_A_DEVICE, ON_A_SIM
        self.money, self.spent = MONEY, 0.0
        self.handles: list[Handle] = []
        self.devices: list[tuple[Seen, int]] = []  # with the accounts opened on each
        self.sims: list[tuple[str, int]] = []
        self.root = scene.world.contacts.letters(12)
        for _ in range(start):
            self._buy_device()

    def handle(self, but: Handle | None = None) -> Handle | None:
        """An account with room, other than ``but``, or a new one; None without money. Raises BookerBlocked."""
        room = [one for one in self.handles if not one.full and one.used < self.each and one is not but]
        return room[0] if room else self._open()

    def prove(self, handle: Handle) -> bool:
        """A code by phone: a SIM card of theirs that still counts for somebody new, or one more."""
        if not handle.who.phone:
            place = next((place for place, (_, used) in enumerate(self.sims) if used < self.on_a_sim), None)
            if place is None:
                if not self._pay(SIM):
                    return False
                self.learn("bought a SIM card")
                self.sims.append((self.scene.world.contacts.phone(), 0))
                place = len(self.sims) - 1
            phone, used = self.sims[place]
            self.sims[place] = (phone, used + 1)
            self.scene.prove(handle.who, phone)
        self.scene.take_code(handle.who)
        return True

    def sim_is_full(self, phone: str) -> None:
        self.on_a_sim = max(1, self.on_a_sim - 1)
        self.sims = [(one, SPENT_SIM if one == phone else used) for one, used in self.sims]
        self.learn("fewer accounts on a SIM card")

    def burn(self, handles: Sequence[Handle]) -> None:
        """Accounts, with their phones and devices, that will not be used again."""
        phones, seen = {one.who.phone for one in handles}, {one.who.seen for one in handles}
        self.sims = [one for one in self.sims if one[0] not in phones]
        self.devices = [one for one in self.devices if one[0] not in seen]
        self.handles = [one for one in self.handles if one not in handles]
        self.learn("contacts dropped")

    def spread(self) -> None:
        """From now on less hangs on each thing."""
        self.aliases = False
        self.each, self.on_a_device = max(1, self.each - 1), max(1, self.on_a_device // 2)
        self.on_a_sim = max(1, self.on_a_sim - 1)

    def _pay(self, dollars: float) -> bool:
        if self.money < dollars:
            self.learn("out of money")
            return False
        self.money -= dollars
        self.spent += dollars
        return True

    def _buy_device(self) -> bool:
        if not self._pay(DEVICE):
            return False
        self.devices.append((self.scene.browser(), 0))
        return True

    def _device(self) -> Seen:
        """The least used; another is bought while there is money, else the cookie is thrown away, which is free."""
        used_up = not self.devices or min(used for _, used in self.devices) >= self.on_a_device
        if used_up and not self._buy_device():
            contacts = self.scene.world.contacts
            line = self.devices[-1][0].prefix if self.devices else contacts.network()[0]
            self.devices.append((Seen(line, contacts.device()), 0))
        self.devices.sort(key=lambda one: one[1])
        seen, used = self.devices[0]
        self.devices[0] = (seen, used + 1)
        return seen

    def _mailbox(self) -> str:
        """A spelling of the one mailbox. Where only accounts are counted, these are many mailboxes to everybody."""
        contacts = self.scene.world.contacts
        if self.aliases and self.scene.guarded:
            return f"{self.root}+{contacts.letters(5)}@gmail.com"
        return contacts.mailbox(self.scene.person())

    def _open(self) -> Handle | None:
        if not self._pay(ACCOUNT + (0 if self.aliases else MAILBOX)):
            return None
        who = self.scene.open_account(self._mailbox(), self._device(), kind=self.kind, actor=self.actor, broker=True)
        self.handles.append(Handle(who))
        return self.handles[-1]
