"""The portal under a clock that runs faster than the wall: what takes minutes is measured in seconds.

``HURRIED_CLOCK`` is "moment of the wall's monotonic clock, moment that it was by the hurried one, times faster";
every process of a run that is given the same value reads the same time. For benches alone.
"""

import os
import time as wall
from datetime import UTC, datetime, timedelta
from typing import NamedTuple, Self


class Clock(NamedTuple):
    began: float
    was: datetime
    faster: int

    @classmethod
    def of_environment(cls) -> Self:
        began, was, faster = os.environ["HURRIED_CLOCK"].split()
        return cls(float(began), datetime.fromtimestamp(float(was), UTC), int(faster))

    def to_environment(self) -> None:
        os.environ["HURRIED_CLOCK"] = f"{self.began} {self.was.timestamp()} {self.faster}"

    def now(self) -> datetime:
        return self.was + timedelta(seconds=(wall.monotonic() - self.began) * self.faster)
