"""Releases (aperturas): drafted, looked at, approved by a second person, announced, and cancelled before they open."""
