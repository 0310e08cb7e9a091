from celery import shared_task


@shared_task(ignore_result=True)
def tidy_accounts() -> None:
    """Hourly. May run twice: it only drops what is already past its keeping."""
    from mexitel.accounts.services import tidy
    from mexitel.utils.time import now

    tidy(now=now())
