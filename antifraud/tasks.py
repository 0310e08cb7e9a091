"""Tasks take ids by keyword, import what they run in their own body, and may run twice without harm."""

from celery import shared_task


@shared_task
def end_blocks() -> int:
    """Every hour. It only tidies: an end counts from its second on. Groups of accounts that ran out end here."""
    from antifraud.live import grouping
    from antifraud.services.blocks import end_run_out
    from mexitel.utils.time import now

    moment = now()
    return end_run_out(now=moment) + grouping.end_run_out(now=moment)


@shared_task
def ingest() -> int:
    """Every two seconds; returns at once while another one works."""
    from antifraud.live import ingest
    from antifraud.live.store import live_store
    from mexitel.utils.time import now

    return ingest.ingest(now=now(), open_store=live_store)


@shared_task
def rebuild() -> int:
    """Every night: what was never heard of is noted, and the engine's memory is made again from what is kept."""
    from antifraud.live.rebuild import rebuild_portal
    from antifraud.live.sign_ups import note_missing
    from mexitel.utils.time import now

    noted = note_missing(now=now())
    rebuild_portal(now=now())
    return noted


@shared_task
def enforce_links() -> int:
    """Every ten minutes: who stands above the lock of five because of a link is asked to validate, never cancelled."""
    from antifraud.live.excess import ask_excess
    from antifraud.validation.asking import ask_people
    from mexitel.utils.time import now

    return ask_excess(ask=ask_people, now=now())


@shared_task
def propose_blocks() -> int:
    """Every ten minutes: contacts of standing cases that many accounts share. A person decides."""
    from antifraud.live.proposals import propose_due
    from mexitel.utils.time import now

    return propose_due(now=now())


@shared_task
def carry_out_decisions() -> int:
    """Every minute: what rested long enough, and what could not be done at once."""
    from antifraud.desk.carrying import carry_out_due
    from mexitel.utils.time import now

    return carry_out_due(now=now())


@shared_task
def draw_second_looks() -> int:
    """Every ten minutes. A case that was closed draws its lot once, whenever this runs."""
    from antifraud.redress.second_looks import draw_lots
    from mexitel.utils.time import now

    return draw_lots(now=now())


@shared_task
def ask_strong_cases() -> int:
    """Every minute: people of new cases that are strong are asked whether they wanted their appointments."""
    from antifraud.validation.asking import ask_strong_cases
    from mexitel.utils.time import now

    return ask_strong_cases(now=now())


@shared_task
def tend_identity_requests() -> int:
    """Every three minutes: reminders, deadlines, and what the window noted. Each looks at the clock itself."""
    from antifraud.validation.at_the_window import tell_of_other_people
    from antifraud.validation.deadlines import end_deadlines, return_answered, send_due_reminders
    from mexitel.utils.time import now

    at = now()
    jobs = (send_due_reminders, end_deadlines, tell_of_other_people, return_answered)
    return sum(job(now=at) for job in jobs)


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


@shared_task
def publish_adverts() -> None:
    """Every four minutes: what everybody reads of the register of adverts (antifraud/adverts/publishing.py)."""
    from antifraud.adverts.publishing import refresh
    from mexitel.utils.time import now

    refresh(now=now())
