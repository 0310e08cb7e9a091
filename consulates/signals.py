"""Facts about supply, sent after the commit; receivers cannot veto, and a crash in one stops no other.

A process that dies between commit and signal loses it, so whoever depends on these facts also compares against the
releases now and then.
"""

from django.dispatch import Signal

# release_id: int; at: when. A second person approved it, its sessions are published, and the public reads about it.
release_announced = Signal()

# release_id: int; at: when. It was cancelled before it opened; its page says why, and who joined or applied is told by
# whoever keeps them.
release_cancelled = Signal()
