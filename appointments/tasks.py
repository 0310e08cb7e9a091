"""Tasks take ids by keyword, import what they run in their own body, and may run twice without harm."""

from celery import shared_task


@shared_task
def send_due_reminders() -> int:
    """Every ten minutes. The relay and the workers do the sending."""
    from appointments.notifications import reminders
    from mexitel.utils.time import now

    return reminders.put_due_in_outbox(now=now())


@shared_task
def tell_of_releases() -> int:
    """Every minute: who asked is told of what was announced, was cancelled, or opens in an hour."""
    from appointments.announcing import telling
    from mexitel.utils.time import now

    return telling.tend(now=now())


@shared_task
def recount_permits() -> dict[str, int]:
    """Permits against appointments; whatever differs is reported, never corrected."""
    from dataclasses import asdict

    from appointments.services.recount import report_difference
    from mexitel.utils.time import now

    return asdict(report_difference(now=now()))


@shared_task
def apply_due_recoveries() -> int:
    """A new contact that was agreed by telephone takes effect after its day of rest."""
    from appointments.phone import recovery
    from mexitel.utils.time import now

    return recovery.apply_due_recoveries(now=now())


@shared_task
def tend_closures() -> dict[str, int]:
    """Every minute: closures that were stopped half-way go on, and people on their lists get a proposal."""
    from appointments.closing import offers
    from mexitel.utils.time import now

    return offers.tend(now=now())


@shared_task
def tend_draws() -> dict[str, int]:
    """Every minute: draws that are due go as far as they can, and what was not accepted goes to the next in order."""
    from appointments.drawing import running
    from mexitel.utils.time import now

    return running.tend(now=now())


@shared_task
def forget_proofs() -> dict[str, int]:
    """Every half hour: what was promised to be gone 72 hours after the answer does not wait for the night."""
    from mexitel.utils import retention
    from mexitel.utils.time import now

    return retention.apply(now=now(), tables={"appointments_emergencyproof"})


@shared_task
def sample_emergencies() -> int:
    """Once a day; each office's sample of last month is drawn once."""
    from appointments.emergencies.samples import draw_due
    from mexitel.utils.time import now

    return draw_due(now=now())


@shared_task
def tend_drawings() -> dict[str, int]:
    """Every five seconds: promises for what was announced, and the public random numbers that are out."""
    from appointments.allocation import tending
    from mexitel.utils.time import now

    return tending.tend(now=now())


@shared_task
def tend_queues() -> int:
    """Every two seconds; pages do it as well when no worker has (appointments/queueing/tending.py)."""
    from appointments.queueing import tending
    from mexitel.utils.time import now

    return tending.tend_all(now=now())


@shared_task
def tend_waiting() -> dict[str, int]:
    """Every 15 seconds: freed seats are offered to those who wait for them."""
    from appointments.waiting import tender
    from mexitel.utils.time import now

    return tender.tend(now=now())


@shared_task(soft_time_limit=3000)
def tend_figures() -> dict[str, int]:
    """Once an hour: days that are over or changed afterwards, months to freeze, and what is published of them."""
    from appointments.statistics import published, upkeep
    from mexitel.utils.time import now

    done = upkeep.tend(now=now())
    published.refresh(now=now())
    return done


@shared_task
def count_phone_shares() -> int:
    """How many places of each release callers have taken; the last time after its share has ended."""
    from appointments.phone.share import count_use
    from mexitel.utils.time import now

    return len(count_use(now=now()))


@shared_task
def keep_demand() -> int:
    """Every minute: searches that found no seat, and how far those travel who got one, go into the table."""
    from appointments.demand import counting

    return counting.keep()
