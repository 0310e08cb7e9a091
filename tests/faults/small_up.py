"""`manage.py up` with one office instead of the sample month, so that it is there in seconds; all else is what people
run. Started as a module in a copy of the checkout. With FAULTS_POSTGRES_PORT and FAULTS_REDIS_PORT everything but the
set-up reaches the servers through these ports; with FAULTS_DATA the data of PostgreSQL are there.
"""

import os
import sys
from pathlib import Path
from urllib.parse import urlsplit

from mexitel.embedded import environment, up

WIRES = {"DATABASE_URL": "FAULTS_POSTGRES_PORT", "REDIS_URL": "FAULTS_REDIS_PORT"}


class SmallPortal(up.Portal):
    def start_servers(self) -> None:
        super().start_servers()
        for name, wire in WIRES.items():
            if port := os.environ.get(wire):
                url = urlsplit(self.values[name])
                self.values[name] = url._replace(netloc=f"{url.netloc.rpartition(':')[0]}:{port}").geturl()
        environment.write(self.values)

    def step(self, argv: list[str], env: dict[str, str]) -> None:
        supply = {"mexitel.embedded.prepare": "tests.faults.small_supply"}
        super().step([supply.get(word, word) for word in argv], env)


if __name__ == "__main__":
    if folder := os.environ.get("FAULTS_DATA"):
        up.data_folder = lambda: Path(folder)
    up.Portal = SmallPortal
    sys.exit(up.main(sys.argv[1:]))
