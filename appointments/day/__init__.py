"""The day itself, at the door of one session: who is expected, found, called, counted. Writes: services/day.py."""
