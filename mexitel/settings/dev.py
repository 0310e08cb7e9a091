"""Development: what a person runs on their own machine."""

from .base import *  # noqa: F403
from .base import env, env_flag

# Off by default, so that people see the pages that citizens see when something is wrong.
DEBUG = env_flag("DEBUG")
WHITENOISE_AUTOREFRESH = True
# Mails become files, unless somebody says where to send them.
if env("EMAIL_URL", ""):
    EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
