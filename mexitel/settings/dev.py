"""Development: what a person runs on their own machine."""

from .base import *  # noqa: F403

DEBUG = True
