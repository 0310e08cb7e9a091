"""The telephone is of no office: whoever answers it anywhere opens it, and sees there what their own offices hold."""

from tests.staff.matrix import AGENTS, PLANNERS, Open, Staff, in_office

BOTH = Staff(get=AGENTS, post=AGENTS)
SENT = Staff(post=AGENTS)

ROWS = {
    "staff_console": BOTH,
    "staff_console_register": BOTH,
    "staff_console_search": SENT,
    "staff_console_end": SENT,
    "staff_console_keys": SENT,
    "staff_console_choose": SENT,
    "staff_console_take": SENT,
    "staff_console_hold": BOTH,
    "staff_console_done": Staff(get=AGENTS),
    "staff_console_cancel": BOTH,
    "staff_console_move": SENT,
    "staff_console_fact": SENT,
    "staff_console_send": SENT,
    "staff_console_code": BOTH,
    "staff_console_verify": BOTH,
    "staff_console_recover": BOTH,
    "staff_console_queues": BOTH,
    "staff_console_queue_times": Staff(get=AGENTS),
    "staff_line": Staff(get=PLANNERS, post=PLANNERS, kwargs=in_office),
    "recovery_stop": Open(),
}
