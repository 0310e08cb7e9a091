"""Development: what a person runs on their own machine."""

from .base import *  # noqa: F403
from .base import env_flag

# Off by default, so that people see the pages that citizens see when something is wrong.
DEBUG = env_flag("DEBUG")
WHITENOISE_AUTOREFRESH = True
