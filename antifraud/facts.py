"""What is known about one actor at one moment, as plain counts: the whole input of the score.

Kept with each assessment, so that it can be computed again; says nothing that could name a person.
"""

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Facts:
    """Counts over one actor's accounts within the rule set's windows. A circle: one mailbox's or phone's accounts."""

    accounts: int = 0
    booked: int = 0
    applicants: int = 0
    families: int = 0  # of applicants, joined by surnames
    strangers: int = 0  # families beyond the first of each circle, less one
    active: int = 0  # appointments to come, the most in one circle
    offices: int = 0  # the most in one circle
    vouched: bool = False
    # contact
    aliases: int = 0  # accounts beyond the first on one mailbox
    alias_strangers: int = 0  # of those, accounts of another family
    phoned: int = 0  # accounts with a proven phone
    phones: int = 0
    phone_strangers: int = 0  # accounts that share a proven phone with another family
    own_phones: int = 0  # accounts with a proven phone that nobody else proved
    unproven: int = 0  # accounts that only named a phone
    disposable: int = 0
    template: int = 0  # accounts that signed up within an hour under addresses built alike
    # device and network
    device_circles: int = 0  # circles on one device that is not public
    device_families: int = 0
    prefix_burst: int = 0
    hosting: int = 0
    # pace; the usual shares are those of all bookings, rounded up to a power of two
    typed: int = 0  # accounts whose forms of new people have a known time
    fast: int = 0  # of those, mostly quick
    usual_fast: float = 0.0
    lags: int = 0  # visits of which it is known how soon the seats were taken
    snipes: int = 0  # of those, mostly at once
    usual_snipes: float = 0.0
    sprints: int = 0  # visits with both: a seat at once, and a quick form
    usual_sprints: float = 0.0
    even_polls: int = 0  # accounts that looked at machine-even intervals
    # inventory
    spins: int = 0
    holds: int = 0
    expired: int = 0
    transfers: int = 0  # within two minutes of the seat's becoming visible
    late_transfers: int = 0
    usual_transfers: float = 0.0  # share of bookings whose seat somebody else had given up two minutes before
    usual_trades: float = 0.0  # the same within half an hour
    chained: int = 0  # transfers without which the accounts would not be one group, past the first
    far: int = 0  # offices beyond the first, of different families on one mailbox or phone
    # applicants
    contradictions: int = 0
    curps: int = 0
    usual_contradictions: float = 0.0
    changes: int = 0
    twins_of_strangers: int = 0  # applicants of other families with an equal birth date
    rebooked: int = 0  # applicants whom several circles booked
    minors: int = 0
    guardians: int = 0
    # outcome
    ended: int = 0
    attended: int = 0
    no_shows: int = 0
    others: int = 0
    confirmed_days: int = -1  # since a reviewer confirmed one of them; -1 never
    # staff and phone
    uncalled: int = 0  # bookings by agents for somebody whose telephone was never proven
    uncalled_at_once: int = 0  # of those, within ten seconds of the seat's appearing
    agent_families: int = 0  # in uncalled bookings, the most in one circle

    def as_data(self) -> dict[str, Any]:
        return asdict(self)
