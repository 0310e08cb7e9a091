"""The day itself, at the door of one session: who is expected, found, called and counted. Writes stand in services/day.py."""
