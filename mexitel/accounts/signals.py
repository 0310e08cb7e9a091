"""Facts about accounts, sent after the commit; receivers cannot veto, and a crash in one stops no other.

A process that dies between commit and signal loses it, so whoever depends on these facts also compares
against the accounts now and then.
"""

from django.dispatch import Signal

# user_id: int; agent_id: int, the member of staff who opened it for a caller, else None; seen: a
# mexitel.utils.browsers.Seen of the sign-up; at: when.
account_opened = Signal()

# user_id: int; contact: "email" or "phone"; address: the proven e-mail (exact) or phone (E.164);
# at: when the code was given. Sent each time a code proves a contact that is now on the account.
contact_verified = Signal()

# user_id: int; contact: "email" or "phone"; old, new: as above, "" where there was or is none; at: when.
# Sent when the contact of an existing account is replaced, added or removed (deletion included).
contact_changed = Signal()

# user_id: int; at: when. The account's row stays, without anything that tells who it was.
account_deleted = Signal()
