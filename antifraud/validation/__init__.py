"""Asking people whether they themselves wanted an appointment, before anybody decides about it."""
