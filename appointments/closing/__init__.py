"""Closing, changed hours, suspensions: nobody is dropped silently (docs/adr/0009)."""
