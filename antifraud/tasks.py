"""Tasks take ids by keyword, import what they run in their own body, and may run twice without harm."""

from celery import shared_task


@shared_task
def end_blocks() -> int:
    """Every hour. It only tidies: an end counts from its second on."""
    from antifraud.services.blocks import end_run_out
    from mexitel.utils.time import now

    return end_run_out(now=now())


@shared_task
def draw_second_looks() -> int:
    """Every ten minutes. A case that was closed draws its lot once, whenever this runs."""
    from antifraud.redress.second_looks import draw_lots
    from mexitel.utils.time import now

    return draw_lots(now=now())
