"""The settings of the test command."""

from .base import *  # noqa: F403

DEBUG = False
