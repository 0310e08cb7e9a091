"""Tasks take ids by keyword, import what they run in their own body, and may run twice without harm."""

from celery import shared_task


@shared_task
def end_blocks() -> int:
    """Every hour. It only tidies: an end counts from its second on."""
    from antifraud.services.blocks import end_run_out
    from mexitel.utils.time import now

    return end_run_out(now=now())


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
