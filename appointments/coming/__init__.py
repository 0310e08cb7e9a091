"""Confirm or release: "I am coming" with one tap, and what nobody confirmed is released by a person. docs/adr/0030."""
