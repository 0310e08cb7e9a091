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

# request: HttpRequest; place: Found; procedure: Procedure; party: int; is_far: there were seats, all beyond 100 miles;
# now. Somebody looked near a place and found no seat. Sent before the answer, which no receiver can change.
search_unmet = Signal()
