import logging
import signal
from typing import Any

from django.core.management.base import BaseCommand

from mexitel.outbox.broker import Broker
from mexitel.outbox.relay import Relay


class Command(BaseCommand):
    help = "Hands committed outbox rows to the workers. Several may run; none needs the others."

    def handle(self, *args: Any, **options: Any) -> None:
        logging.basicConfig(level=logging.INFO, format="%(asctime)s relay %(levelname)s %(message)s")
        relay = Relay(broker=Broker())
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: relay.stop())
        self.stdout.write("relay: ready")
        relay.run()
