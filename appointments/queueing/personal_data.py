"""This room's part of "download my data" and "delete my account"."""

from datetime import datetime

from appointments.models import QueueTicket, TicketEnd
from consulates.models import Release
from mexitel.accounts.models import User


def own_data(user: User) -> dict:
    """Every ticket with its number, by which it stands in the published list, and what became of it."""
    tickets = list(QueueTicket.objects.filter(account=user).order_by("pk"))
    names = Release.objects.in_bulk({ticket.release_id for ticket in tickets})
    return {
        "queues": [
            {
                "opening": names[ticket.release_id].name if ticket.release_id in names else None,
                "ticket": ticket.code,
                "joined_at": ticket.joined_at.isoformat(),
                "channel": ticket.channel,
                "place": ticket.rank,
                "called_at": ticket.admitted_at.isoformat() if ticket.admitted_at else None,
                "outcome": ticket.done or None,
            }
            for ticket in tickets
        ]
    }


def forget(user: User, now: datetime) -> None:
    """Before the draw nothing stays. Afterwards the bare number stays, because the published list has it."""
    mine = QueueTicket.objects.filter(account=user)
    mine.filter(rank=None).delete()
    mine.filter(done="").update(done=TicketEnd.LEFT, done_at=now)
    mine.update(email_key=None, phone_key=None)
