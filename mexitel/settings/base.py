"""Settings shared by every run. What differs by machine comes from the environment."""

from pathlib import Path
from urllib.parse import unquote, urlsplit

from mexitel.utils.env import env, env_flag, env_list

BASE_DIR = Path(__file__).resolve().parent.parent.parent
EMBEDDED = env_flag("MEXITEL_EMBEDDED")


def database(url: str) -> dict:
    parts = urlsplit(url)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.path.lstrip("/"),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": str(parts.port or 5432),
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"connect_timeout": 3, "options": "-c lock_timeout=3s -c statement_timeout=5s"},
    }


DATABASES = {"default": database(env("DATABASE_URL"))}

INSTALLED_APPS = [
    "mexitel.utils",
    "mexitel.outbox",
    "mexitel.audit",
    "mexitel.accounts",
    "consulates",
    "appointments",
    "antifraud",
    "mexitel.pages",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "rest_framework",
    "drf_spectacular",
    "django_htmx",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]

ROOT_URLCONF = "mexitel.urls"
WSGI_APPLICATION = "mexitel.wsgi.application"
AUTH_USER_MODEL = "accounts.User"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

LANGUAGE_CODE = "es"
LANGUAGES = [("es", "Español"), ("en", "English")]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

STATIC_URL = "static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = BASE_DIR / "staticfiles"

SECRET_KEY = env("SECRET_KEY")
FIELD_KEYS = env_list("FIELD_KEYS")
HASH_KEY = env("HASH_KEY")
RECEIPT_KEY = env("RECEIPT_KEY")
ALLOWED_HOSTS = env_list("ALLOWED_HOSTS", "localhost,127.0.0.1")
PUBLIC_URL = env("PUBLIC_URL", "http://localhost:8000")

# Dotted paths that are asked before a sign-up, and before a hold, confirmation or move; they may refuse (appointments/guards.py).
SIGNUP_GUARDS: list[str] = []
BOOKING_GUARDS: list[str] = []

# Outbox: what is done after a commit, by kind. Rooms above add their own; a handler takes (*, outbox_id, payload, now).
OUTBOX_HANDLERS: dict[str, str] = {
    "mail": "mexitel.outbox.handlers.mail",
    "sms": "mexitel.outbox.handlers.sms",
}
# Text messages in any 24 hours: to one number, to one prefix (country and area), altogether.
SMS_LIMITS = {"number": 8, "prefix": 2000, "day": 20000}
