from django.conf import settings
from django.core.management.base import BaseCommand

from mexitel.api.documents import committed


class Command(BaseCommand):
    help = "Write docs/openapi.yaml anew; a test holds it equal to what /api/schema/ serves."

    def handle(self, *args: object, **options: object) -> None:
        path = settings.BASE_DIR / "docs" / "openapi.yaml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(committed(), "utf-8")
        self.stdout.write(f"wrote {path.relative_to(settings.BASE_DIR)}")
