"""Edges between accounts, and the groups that they make: components over pairs with enough weight of two kinds.

A group keeps its number when it grows and when it loses members; merges and splits are logged as data.
Rule: issue of fairness, "Links and groups"; weights in the rule set.
"""

from collections.abc import Callable, Iterable

from antifraud.events import DAY
from antifraud.records import Account, Edge, Group, GroupLog
from antifraud.rulesets import RuleSet
from antifraud.store import Store

# What strangers can come to share by chance: it may join a few accounts to an actor, but two crowds never.
SOFT = frozenset({"transfer", "trade", "pursued", "sprint"})

Ties = dict[str, Edge]  # what ties one pair, by kind


def is_strong(edges: Iterable[Edge], rules: RuleSet) -> bool:
    """Whether a pair belongs together: weight enough in all, and from one strong kind or from two kinds that count."""
    links = rules.links
    weights = [edge.weight for edge in edges] or [0]
    return sum(weights) >= links["enough"] and (
        max(weights) >= links["alone"] or sum(weight >= links["counts"] for weight in weights) >= 2
    )


def hard(edges: Ties) -> list[Edge]:
    """Those of a pair's edges that chance seldom makes."""
    return [edge for kind, edge in edges.items() if kind not in SOFT]


class Linker:
    """Adds and takes away edges, and keeps the groups of ``store`` in step."""

    def __init__(self, store: Store, rules: RuleSet) -> None:
        self.store, self.rules = store, rules

    def link(self, a: Account, b: Account, kind: str, weight: float, *, t: int, evidence: int = 1) -> bool:
        """Note an edge (the heavier of old and new stays); returns whether two groups became one."""
        if a is b or b.id in a.unlinked or weight <= 0:
            return False
        known = self._edges(a, b).get(kind)
        expires = t + int(self.rules.windows["edge"] * DAY)
        if known is None:
            edge = Edge(a.id, b.id, kind, weight, evidence, t, t, expires)
        else:
            edge = known._replace(
                weight=max(weight, known.weight), evidence=known.evidence + evidence, last_seen=t, expires=expires
            )
        self._put(a, b, edge)
        if known is None:  # a later sight only moves its end, which is read when the first end comes due
            self.store.put_edge(edge)
        together = a.group is not None and a.group is b.group
        return not together and is_strong(self._edges(a, b).values(), self.rules) and self._merge(a, b, kind, t)

    def unlink(self, a: Account, b: Account, *, t: int) -> None:
        """A reviewer's word that these are two: survives every recomputation."""
        a.unlinked |= {b.id}
        b.unlinked |= {a.id}
        self._drop(a, b, None)
        self.regroup(a.group, t=t, reason="unlink")

    def drop_kind(self, accounts: Iterable[Account], kind: str, *, t: int, reason: str) -> None:
        """Take back the edges of one kind among ``accounts``: their identifier turned out to be everybody's."""
        accounts = list(accounts)
        for place, a in enumerate(accounts):
            for b in accounts[place + 1 :]:
                self._drop(a, b, kind)
        for group in {id(account.group): account.group for account in accounts}.values():
            self.regroup(group, t=t, reason=reason)

    def expire(self, now: int) -> None:
        """End the edges that nobody has seen for too long."""
        for a_id, b_id, kind in self.store.due_edges(now):
            a, b = self.store.account(a_id), self.store.account(b_id)
            if a is None or b is None or (edge := self._edges(a, b).get(kind)) is None:
                continue
            if edge.expires > now:
                self.store.put_edge(edge)
                continue
            self._drop(a, b, kind)
            self.regroup(a.group, t=now, reason="expired")

    def regroup(self, group: Group | None, *, t: int, reason: str) -> None:
        """Find a group's components again. The one with its oldest member keeps the name, the others get new ones."""
        if group is None:
            return
        left = dict(group.members)
        components = []
        while left:
            components.append(self._component(next(iter(left.values())), left))
        group.members = {account.id: account for account in components[0]}
        for component in components[1:]:
            other = None
            if len(component) > 1:
                other = self.store.new_group()
                other.members = {account.id: account for account in component}
            for account in component:
                account.group = other
            self.store.log(GroupLog(t, "split", group.id, other.id if other else component[0].id, reason))

    def _component(
        self, start: Account, left: dict[str, Account], kept: Callable[[Ties], Iterable[Edge]] = dict.values
    ) -> list[Account]:
        """Take out of ``left`` who hangs together with ``start`` by strong pairs of the edges that ``kept`` leaves."""
        found, queue = [], [start]
        left.pop(start.id, None)
        while queue:
            account = queue.pop()
            found.append(account)
            for other_id, edges in (account.links or {}).items():
                if other_id in left and is_strong(kept(edges), self.rules):
                    queue.append(left.pop(other_id))
        return found

    def _merge(self, a: Account, b: Account, kind: str, t: int) -> bool:
        groups = [account.group for account in (a, b) if account.group is not None]
        size = sum(len(account.group.members) if account.group else 1 for account in (a, b))
        if size > self.rules.links["members"]:
            self.store.log(GroupLog(t, "too_large", groups[0].id, "", kind))
            return False
        if self._is_two_crowds(a, b):
            return False
        kept = min(groups, key=lambda group: group.number) if groups else self.store.new_group()
        for account in (a, b):
            if account.group is None:
                account.group = kept
                kept.members[account.id] = account
            elif account.group is not kept:
                self._absorb(kept, account.group, kind, t)
        return True

    def _is_two_crowds(self, a: Account, b: Account) -> bool:
        """Whether nothing but soft ties would make one actor of two that are large by themselves."""
        sizes = [len(account.group.members) if account.group else 1 for account in (a, b)]
        return min(sizes) >= self.rules.links["crowded"] and not is_strong(hard(self._edges(a, b)), self.rules)

    def core(self, account: Account) -> list[Account]:
        """The members of the account's group that hard ties alone would hold together with it."""
        left = dict(account.group.members) if account.group else {}
        left.pop(account.id, None)
        return self._component(account, left, hard)

    def _absorb(self, kept: Group, other: Group, kind: str, t: int) -> None:
        if not kept.case:
            kept.case, kept.best = other.case, other.best or kept.best
        for account in other.members.values():
            account.group = kept
            kept.members[account.id] = account
        self.store.log(GroupLog(t, "merged", kept.id, other.id, kind))

    def _edges(self, a: Account, b: Account) -> dict[str, Edge]:
        return (a.links or {}).get(b.id, {})

    def _put(self, a: Account, b: Account, edge: Edge) -> None:
        edges = self._edges(a, b)  # one mapping, seen from both ends
        edges[edge.kind] = edge
        for one, other in ((a, b), (b, a)):
            if one.links is None:
                one.links = {}
            one.links[other.id] = edges

    def _drop(self, a: Account, b: Account, kind: str | None) -> None:
        for one, other in ((a, b), (b, a)):
            edges = (one.links or {}).get(other.id)
            if edges is None:
                continue
            if kind is None:
                edges.clear()
            edges.pop(kind or "", None)
            if not edges and one.links:
                del one.links[other.id]
