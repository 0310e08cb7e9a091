from django.core.management.base import BaseCommand

from consulates import practice, reference
from consulates.models import Place
from mexitel.utils.time import now


class Command(BaseCommand):
    help = "Load offices, procedures and ZIP codes; safe at every start: edits of staff are never overwritten."

    def add_arguments(self, parser):
        parser.add_argument("--places", action="store_true", help="make the table of ZIP codes and towns anew")

    def handle(self, *args, places=False, **options):
        for name, load in (("offices", reference.load_offices), ("procedures", reference.load_procedures)):
            loaded = load()
            self.stdout.write(
                f"{name}: {loaded.created} created, {loaded.updated} updated, {loaded.kept} kept as staff edited them"
            )
        made = practice.load()
        self.stdout.write(f"practice office: {'made, ' if made else ''}{practice.fill(now=now())} days added")
        if places or not Place.objects.exists():
            self.stdout.write(f"places: {reference.load_places()} loaded")
