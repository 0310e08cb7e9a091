"""Many at one queue at once: one ticket for each mailbox, one order, each called once."""

from datetime import timedelta

from appointments.models import QueueTicket
from appointments.queueing import tending
from appointments.queueing.joining import join
from consulates.models import Release
from mexitel.outbox.models import OutboxMessage
from tests.factories import appointments as make
from tests.factories.appointments import NOW
from tests.factories.queues import DRAWN, OPENS, SECOND, joined, queue, queue_files, run, tickets
from tests.races.together import codes, errors, together

__all__ = ["queue_files"]


def outcome(account, made):
    try:
        return "joined" if join(account=account, release_id=made.pk, now=NOW) else "known"
    except Exception as refusal:
        return refusal.code


def test_of_ten_accounts_of_one_mailbox_and_ten_taps_of_one_account_each_has_one_ticket(live_db):
    made, one = queue(), make.account()
    same = [make.account(f"rosa.prueba+{n}@gmail.com") for n in range(10)]

    told = together([lambda account=account: outcome(account, made) for account in [*same, *[one] * 10]])

    assert sorted(told[:10]) == ["joined"] + ["ticket_taken"] * 9
    assert sorted(told[10:]) == ["joined"] + ["known"] * 9
    assert QueueTicket.objects.count() == 2


def test_control_without_the_constraint_a_mailbox_has_ten(live_db, owner_connection):
    with owner_connection.cursor() as cursor:
        cursor.execute("DROP INDEX queue_ticket_one_for_a_mailbox")
    made = queue()
    same = [make.account(f"rosa.prueba+{n}@gmail.com") for n in range(3)]
    assert [outcome(account, made) for account in same] == ["joined"] * 3


def test_ten_who_tend_at_once_draw_one_order_and_call_each_once(live_db):
    made = queue(seats=1, slots=4)
    joined(made, 12)
    run(made, OPENS + 3 * SECOND)

    def step_through(seconds):
        for step in tending.STEPS:
            step(Release.objects.get(pk=made.pk), DRAWN + timedelta(seconds=seconds))

    told = together([lambda seconds=seconds: step_through(seconds) for seconds in range(8)])

    assert errors(told) == [], codes(told)
    run(made, DRAWN + 20 * SECOND)
    assert [one.rank for one in tickets(made)] == list(range(1, 13))
    assert [one.rank for one in tickets(made) if one.is_called] == [1, 2, 3, 4]
    assert OutboxMessage.objects.filter(kind="queue.called").count() == 4
