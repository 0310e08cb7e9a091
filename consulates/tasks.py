"""Each task imports what it runs, may run twice, and does one thing."""

from celery import shared_task


@shared_task
def roll_sample_month() -> int:
    """Add the days that the sample month lacks; returns how many sessions were added. Only where data are samples."""
    from django.conf import settings

    from consulates import sample
    from mexitel.utils.time import now

    return sample.fill(now=now()).sessions if settings.EMBEDDED else 0


@shared_task
def settle_roles() -> int:
    """Close the accounts of staff whose last role has ended by the clock; returns how many."""
    from consulates.services import people
    from mexitel.utils.time import now

    return people.settle_all(now=now())


@shared_task
def roll_practice_office() -> int:
    """Add the days that the practice office lacks; returns how many sessions were added."""
    from consulates import practice
    from mexitel.utils.time import now

    return practice.fill(now=now())


@shared_task
def keep_capacity() -> int:
    """Withdraw what cancellations freed above a capacity factor; returns how many seats changed."""
    from consulates.planning import capacity
    from mexitel.utils.time import now

    fitted = capacity.keep_all(now=now())
    return fitted.withdrawn + fitted.given_back


@shared_task
def prepare_releases() -> int:
    """Write the drafts of recurring releases that are due; returns how many."""
    from consulates.releases import rules
    from mexitel.utils.time import now

    return rules.prepare_all(now=now())


@shared_task
def publish_announcements() -> int:
    """Every four minutes: the feeds of releases and tours, before they are too old; returns how many files."""
    from consulates.announcing import files
    from mexitel.utils.time import now

    return files.write_all(now=now())


@shared_task
def publish_open_data() -> int:
    """Every four minutes: the bulk files, before they are too old; returns how many files. Pages that nobody asked for
    are dropped.
    """
    from consulates.opendata import files
    from mexitel.utils import public_pages
    from mexitel.utils.time import now

    at = now()
    public_pages.drop_old(now=at)
    return files.write_all(now=at)
