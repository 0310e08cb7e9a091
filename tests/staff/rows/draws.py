"""Draws: the public page, one's own application, the agents' pages on the telephone, and the API."""

from tests.staff.matrix import AGENTS, Open, Staff

NAMES = [
    "api_draw_accept",
    "api_draw_application",
    "api_draw_applications",
    "api_draw_carry_on",
    "api_draw_decline",
    "api_draws",
    "draw_accept",
    "draw_application",
    "draw_apply",
    "draw_carry_on",
    "draw_check",
    "draw_decline",
    "draw_people",
    "draw_what",
    "draw_when",
    "draw_where",
    "draw_withdraw",
]
ROWS = {
    **dict.fromkeys(NAMES, Open()),
    "staff_draws": Staff(get=AGENTS),
    "staff_draw_ask": Staff(get=AGENTS, post=AGENTS),
    "staff_draw_act": Staff(post=AGENTS),
}
