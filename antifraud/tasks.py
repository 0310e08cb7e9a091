"""Tasks take ids by keyword, import what they run in their own body, and may run twice without harm."""

from celery import shared_task


@shared_task
def end_blocks() -> int:
    """Every hour. It only tidies: an end counts from its second on."""
    from antifraud.services.blocks import end_run_out
    from mexitel.utils.time import now

    return end_run_out(now=now())


@shared_task(time_limit=2 * 3600, soft_time_limit=2 * 3600 - 60)
def rehearse() -> int:
    """Every half minute: rule sets that somebody wants to see at work on past bookings."""
    from antifraud.oversight.rehearsing import run_waiting
    from mexitel.utils.time import now

    return run_waiting(now=now(), clock=now)


@shared_task
def draw_sample() -> bool:
    """Daily, and once a month it does something: last month's look at appointments that nobody suspects."""
    from antifraud.oversight.sampling import draw
    from mexitel.utils.time import now

    return draw(now=now()) is not None


@shared_task
def compare_agents() -> int:
    """Every night: agents and clerks whose pattern their colleagues do not share."""
    from antifraud.oversight.staff_cases import open_staff_cases
    from mexitel.utils.time import now

    return open_staff_cases(now=now())
