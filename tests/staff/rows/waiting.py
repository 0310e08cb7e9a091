"""The waiting list: the public's pages, and the one of whoever answers the telephone."""

from tests.staff.matrix import AGENTS, Open, Staff

ROWS = {
    **{
        name: Open()
        for name in [
            "waiting_join",
            "waiting_who",
            "waiting_entry",
            "waiting_stay",
            "waiting_leave",
            "waiting_offer",
            "waiting_days",
            "waiting_day",
            "api_waiting_list",
            "api_waiting",
            "api_waiting_stay",
            "api_waiting_accept",
            "api_waiting_decline",
        ]
    },
    "staff_console_waiting": Staff(get=AGENTS, post=AGENTS),
}
