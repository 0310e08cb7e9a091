import signal
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from mexitel.outbox.broker import Broker
from mexitel.outbox.relay import BROKER_SILENCE, HANDED_AGAIN_AFTER, WORKER_SILENCE, Relay


class Command(BaseCommand):
    help = "Hands committed outbox rows to the workers. Several may run; none needs the others."

    def add_arguments(self, parser: CommandParser) -> None:
        for name, default, what in (
            ("again", HANDED_AGAIN_AFTER, "hand a row again that is not done after this time"),
            ("broker-silence", BROKER_SILENCE, "send urgent messages from here when the broker is silent for this"),
            ("worker-silence", WORKER_SILENCE, "the same when no worker has been seen"),
        ):
            parser.add_argument(f"--{name}", type=float, default=default.total_seconds(), metavar="SECONDS", help=what)

    def handle(self, *args: Any, **options: Any) -> None:
        relay = Relay(
            broker=Broker(),
            handed_again_after=timedelta(seconds=options["again"]),
            broker_silence=timedelta(seconds=options["broker_silence"]),
            worker_silence=timedelta(seconds=options["worker_silence"]),
        )
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: relay.stop())
        self.stdout.write("relay: ready")
        relay.run()
