"""``manage.py vendor``: check the vendored static files; with ``--refresh`` make them again from npm."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from mexitel.utils import vendor


class Command(BaseCommand):
    help = "Check static/vendor against its manifests; --refresh makes them again (needs npm)."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--refresh", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        folders = sorted(path for path in (Path(settings.BASE_DIR) / "static/vendor").iterdir() if path.is_dir())
        try:
            for folder in folders:
                if options["refresh"] and folder.name.startswith("govuk-frontend-"):
                    vendor.build_govuk(folder)
                if options["refresh"] and folder.name.startswith("event-calendar-"):
                    vendor.build_event_calendar(folder)
        except vendor.VendorError as error:
            raise CommandError(str(error)) from error
        problems = [problem for folder in folders for problem in vendor.differences(folder)]
        if problems:
            raise CommandError("\n".join(problems))
        self.stdout.write(f"{len(folders)} vendored folder(s), as recorded.")
