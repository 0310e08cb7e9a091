"""One office with a few large days and a small one, which is soon full."""

import os
from datetime import time, timedelta

import django
from django.core.management import call_command, get_commands

from mexitel.bootstrap import RUN


def main() -> None:
    from mexitel.utils.time import now as clock
    from tests.factories.consulates import ConsulateFactory, ProcedureFactory, published_session
    from tests.factories.scenes import next_weekdays

    call_command("catalogs")
    yesterday = clock() - timedelta(days=1)
    office = ConsulateFactory(code="houston")
    adults = ProcedureFactory(code="passport-adult-renewal", name_es="Pasaporte (adultos)", min_age=18)
    windows_of_days = [int(number) for number in os.environ.get("FAULTS_WINDOWS", "100,100,100,1").split(",")]
    for day, windows in zip(next_weekdays(len(windows_of_days)), windows_of_days, strict=True):
        hours = {"opens": time(8), "closes": time(16), "slot_minutes": 30}
        published_session(office, adults, day=day, windows=windows, opens_at=yesterday, now=yesterday, **hours)
    (RUN / "commands.txt").write_text("\n".join(sorted(get_commands())))
    (RUN / "accounts.txt").touch()


if __name__ == "__main__":
    django.setup()
    main()
