import hashlib
import hmac
from collections import Counter

import pytest

from appointments.allocation.commitment import commitment_of, new_secret, seed_from
from appointments.allocation.order import Ticket, rank

SEED = bytes(range(32))


def tickets(count, weight=1):
    return [Ticket(f"T{number:06}", weight) for number in range(count)]


def by_hand(seed, tickets):
    """The order as the documentation tells it, in its words."""

    def best(ticket):
        numbered = [f"{ticket.code}#{number}".encode() for number in range(1, ticket.weight + 1)]
        return min(hmac.new(seed, message, hashlib.sha256).hexdigest() for message in numbered)

    return sorted(tickets, key=lambda ticket: (best(ticket), ticket.code))


def test_order_is_the_documented_one_whatever_order_tickets_come_in():
    mixed = [Ticket("A", 1), Ticket("B", 3), Ticket("C", 2), *tickets(40)]
    assert rank(SEED, mixed) == rank(SEED, reversed(mixed)) == by_hand(SEED, mixed)


def test_another_seed_is_another_order():
    assert rank(SEED, tickets(50)) != rank(bytes(32), tickets(50))


@pytest.mark.parametrize("bad", [[Ticket("A"), Ticket("A", 2)], [Ticket("A", 0)]])
def test_list_that_cannot_have_been_sealed_is_refused(bad):
    with pytest.raises(ValueError, match="ticket"):
        rank(SEED, bad)


def test_every_ticket_is_first_equally_often_and_weight_two_twice_as_often():
    field = [Ticket("A"), Ticket("B"), Ticket("C", 2)]
    firsts = Counter(rank(hashlib.sha256(b"%d" % n).digest(), field)[0].code for n in range(8000))
    # Four standard deviations.
    assert abs(firsts["A"] - 2000) < 160
    assert abs(firsts["B"] - 2000) < 160
    assert abs(firsts["C"] - 4000) < 180


def test_commitment_and_seed_are_the_hash_of_short_text():
    secret, sealed, randomness = bytes([1]) * 32, bytes([2]) * 32, bytes([3]) * 32
    as_text = f"mexitel commitment 1\n{'01' * 32}\n"
    assert commitment_of(secret) == hashlib.sha256(as_text.encode()).digest()
    as_text = f"mexitel seed 1\n{'01' * 32}\n{'02' * 32}\n{'03' * 32}\n"
    assert seed_from(secret, sealed, randomness) == hashlib.sha256(as_text.encode()).digest()


def test_every_part_changes_the_seed_and_no_part_may_be_short():
    parts = [bytes([number]) * 32 for number in (1, 2, 3)]
    seeds = {seed_from(*parts)} | {seed_from(*parts[:n], bytes(32), *parts[n + 1 :]) for n in range(3)}
    assert len(seeds) == 4
    with pytest.raises(ValueError, match="32 bytes"):
        seed_from(b"", *parts[1:])


def test_secrets_differ():
    assert len({new_secret() for _ in range(10)}) == 10
