"""The queue of a release: people join, lots order them, and they are let in as fast as seats are booked.

Rule: docs/adr/0027.
"""
