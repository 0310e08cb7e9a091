"""Typing errors of who attends, corrected without giving the place to somebody else. Rules: docs/adr/0030."""
