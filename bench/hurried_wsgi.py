"""The portal as ``mexitel.wsgi`` gives it, under the clock of ``bench.hurried``."""

from bench.hurried import Clock
from mexitel.utils import time

time.now = Clock.of_environment().now  # before anything else takes it from there
from mexitel.wsgi import application  # noqa: E402

__all__ = ["application"]
