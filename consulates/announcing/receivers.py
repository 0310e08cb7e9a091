"""What is announced or cancelled shows in the files at once: those that say otherwise are dropped."""

import logging
from datetime import datetime
from typing import Any

from django.dispatch import receiver

from consulates.models import ReleaseOffice
from consulates.signals import release_announced, release_cancelled
from mexitel.utils import published

from . import files

logger = logging.getLogger(__name__)


@receiver([release_announced, release_cancelled])
def forget_files(*, release_id: int, at: datetime, **kwargs: Any) -> None:
    """Whoever asks next makes them anew; the task does it within minutes where nobody asks."""
    codes = ReleaseOffice.objects.filter(release=release_id).values_list("consulate__code", flat=True)
    try:
        for language in files.LANGUAGES:
            for form in files.FORMS:
                for code in [files.NETWORK, *codes]:
                    published.path_of(files.releases_name(language, code, form)).unlink(missing_ok=True)
            for code in codes:
                published.path_of(files.picture_name("oficinas", language, code)).unlink(missing_ok=True)
        files.drop_old_pictures(now=at, release_id=release_id)
    except OSError:
        logger.warning("files of release %s stay as they are for some minutes", release_id)
