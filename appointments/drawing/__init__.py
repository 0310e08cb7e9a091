"""Draws of a release: people apply, lots decide, nobody has to be quick. Rule: docs/adr/0028."""
