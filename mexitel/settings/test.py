"""The settings of the test command; its servers are private and thrown away."""

from .base import *  # noqa: F403

EMBEDDED = True
DRAW_BEACON = "local"
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "testserver"]
# Argon2 takes its time on purpose; tests make hundreds of users and prove the real hasher once.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
SMS_GATEWAY = "mexitel.outbox.sms.file_gateway"
# One office gets hundreds of holds in a second here; what heats a release is tested with numbers of its own.
HOLD_HEAT = []
# A test changes a row and looks at the page again in the same second.
SHARED_PAGES = False
