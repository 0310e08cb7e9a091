"""Cases: an actor is weighed when something changes; its case opens when due and takes in what the actor books."""

from antifraud.gather import Gatherer, accounts_of, is_plain
from antifraud.records import Account, Flag, Group
from antifraud.rulesets import RuleSet
from antifraud.scoring import Assessment, assess
from antifraud.store import Store
from antifraud.trades import Trades


class Cases:
    """Opens cases and flags appointments. Closing one is a person's act."""

    def __init__(self, store: Store, gatherer: Gatherer, trades: Trades, rules: RuleSet) -> None:
        self.store, self.gatherer, self.trades, self.rules = store, gatherer, trades, rules

    def assessment(self, account: Account, now: int) -> Assessment:
        """The actor's assessment at ``now``."""
        return assess(self.gatherer.facts(accounts_of(account), now), self.rules)

    def judge(self, account: Account, now: int, *, telling: bool = True) -> None:
        """Score the actor again; open its case when it is due; flag what it holds.

        ``telling``: something was learned beside one more booking, so that an open case is weighed again at once.
        """
        group = account.group
        if is_plain(account, self.rules):
            return
        if group is not None and group.case:
            self._follow(group, account, now, telling)
            return
        found = self.assessment(account, now)
        if found.score <= 0:
            return
        if group is None:
            if not found.opens_case(self.rules):
                return
            group = account.group = self._alone(account)
        if group.best is None or found.score > group.best.score:
            group.best = found
        if found.opens_case(self.rules):
            group.case = self.store.new_case(group)
            self.trades.pursue(group, now)
            self._flag(group, now)

    def _alone(self, account: Account) -> Group:
        group = self.store.new_group()
        group.members[account.id] = account
        return group

    def _follow(self, group: Group, account: Account, now: int, telling: bool) -> None:
        """An open case takes in what its actor books; it is weighed again at whatever else tells, and when it has
        grown by a quarter.
        """
        size = sum(len(account.bookings) for account in group.members.values())
        if telling or size >= group.judged * 1.25:
            group.judged = size
            found = assess(self.gatherer.facts(list(group.members.values()), now), self.rules)
            if group.best is None or found.score > group.best.score:
                group.best = found
        if account.transfers:
            self.trades.pursue(group, now)
        self._flag(group, now)

    def dismiss(self, account: Account) -> None:
        """A reviewer found nothing: a case that is this account's alone is closed."""
        group = account.group
        if group is not None and len(group.members) == 1:
            group.case, group.best, group.judged = "", None, 0

    def _flag(self, group: Group, now: int) -> None:
        assert group.best is not None  # noqa: S101 - a case opens on an assessment
        seen: set[str] = set()
        for account in group.members.values():
            if account.id in seen or all(booking.flag for booking in account.bookings):
                continue
            core = self.trades.linker.core(account)
            seen.update(one.id for one in core)
            if len(core) < len(group.members) and self._is_bystander(core, now):
                continue
            for booking in (booking for one in core for booking in one.bookings):
                if booking.flag is None:
                    booking.flag = Flag(now, group.case, group.best)

    def _is_bystander(self, core: list[Account], now: int) -> bool:
        """Whether people whom only chance need have tied to an actor show too little of their own to be part of it."""
        own = assess(self.gatherer.facts(core, now), self.rules).telling
        bar = self.rules.links["adherent" if len(core) > 1 else "adherent_alone"]
        bits = self.trades.bits(core)
        if len(core) == 1 and self.trades.is_buyer(core[0], now):
            return False
        return (own <= 0 and bits < self.rules.threshold) or own + bits < bar
