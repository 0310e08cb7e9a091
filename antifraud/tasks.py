"""Tasks take ids by keyword, import what they run in their own body, and may run twice without harm."""

from celery import shared_task


@shared_task
def end_blocks() -> int:
    """Every hour. It only tidies: an end counts from its second on."""
    from antifraud.services.blocks import end_run_out
    from mexitel.utils.time import now

    return end_run_out(now=now())


@shared_task
def carry_out_decisions() -> int:
    """Every minute: what rested long enough, and what could not be done at once."""
    from antifraud.desk.carrying import carry_out_due
    from mexitel.utils.time import now

    return carry_out_due(now=now())
