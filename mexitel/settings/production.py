"""Production: HTTPS everywhere, static files named by content, and nothing that belongs to a demonstration."""

from django.core.exceptions import ImproperlyConfigured

from .base import *  # noqa: F403
from .base import BASE_DIR, EMBEDDED, env, env_flag, env_list
from .security import CONTENT_SECURITY_POLICY

SAMPLE_WORDS = ("change-me", "changeme", "sample", "example", "insecure", "secret-key")


def own_secret(name: str, minimum_length: int) -> str:
    """The secret from the environment; a sample or a short one stops the start."""
    value = env(name)
    if len(value) < minimum_length or any(word in value.lower() for word in SAMPLE_WORDS):
        raise ImproperlyConfigured(
            f"{name} is a sample or shorter than {minimum_length} characters; make a new one (docs/operations.md)."
        )
    return value


if EMBEDDED:
    raise ImproperlyConfigured("MEXITEL_EMBEDDED belongs to `manage.py up`; production settings refuse it.")

SECRET_KEY = own_secret("SECRET_KEY", 50)
HASH_KEY = own_secret("HASH_KEY", 32)
RECEIPT_KEY = own_secret("RECEIPT_KEY", 43)
own_secret("FIELD_KEYS", 44)
ALLOWED_HOSTS = env_list("ALLOWED_HOSTS")
PUBLIC_URL = env("PUBLIC_URL")
# Guessed wrong, mails vanish, or everybody behind the proxy counts as one client: each has to be said.
for needed in ("EMAIL_URL", "DEFAULT_FROM_EMAIL", "TRUSTED_PROXY_COUNT"):
    env(needed)
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]

# nginx ends TLS and overwrites this header; nothing else can reach the web processes.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_SSL_REDIRECT = not env_flag("NO_SSL_REDIRECT")
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_HSTS_SECONDS = 365 * 24 * 3600
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
SESSION_COOKIE_SECURE = True
SESSION_COOKIE_NAME = "__Host-session"
CSRF_COOKIE_SECURE = True
CSRF_COOKIE_NAME = "__Host-csrf"
LANGUAGE_COOKIE_SECURE = True
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {**CONTENT_SECURITY_POLICY["DIRECTIVES"], "upgrade-insecure-requests": True},
}

STATIC_ROOT = BASE_DIR / "staticfiles"
WHITENOISE_USE_FINDERS = False
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
