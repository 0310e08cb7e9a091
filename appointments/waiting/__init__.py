"""The waiting list: a freed seat is offered to whoever waits longest and fits, before the public sees it (ADR 0029)."""
