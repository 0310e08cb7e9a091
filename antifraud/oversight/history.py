"""What a rehearsal runs through: the portal's own past."""

from collections.abc import Iterator
from datetime import datetime

from antifraud.events import Event
from antifraud.live.events import events_of
from antifraud.live.reading import read_everything, settled_below


def portal_events(since: datetime) -> Iterator[Event]:
    """The portal's own history from ``since`` on, in the order of time."""
    for rows in read_everything(below=settled_below()):
        late = [row for row in rows if row.at >= since]
        if late:
            yield from events_of(late)
