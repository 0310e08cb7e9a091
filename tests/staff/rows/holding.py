"""Corrections of who attends, "I am coming", and the places that nobody confirmed."""

from tests.staff.matrix import AGENTS, MANAGERS, Open, Staff, in_office

NAMES = ["api_attendee_correct", "api_coming", "appointment_coming", "appointment_correct", "coming", "coming_back"]
ROWS = {name: Open() for name in NAMES} | {
    "staff_console_correct": Staff(get=AGENTS, post=AGENTS),
    "staff_console_coming": Staff(post=AGENTS),
    "staff_coming": Staff(get=MANAGERS | AGENTS, post=MANAGERS | AGENTS, kwargs=in_office),
}
