"""Settings shared by every run. What differs by machine comes from the environment (docs/operations.md)."""

from pathlib import Path

from mexitel.settings.accounts import *  # noqa: F403
from mexitel.settings.administration import *  # noqa: F403
from mexitel.settings.appointments import *  # noqa: F403
from mexitel.settings.parts import database, mail, redis_cache
from mexitel.settings.security import *  # noqa: F403
from mexitel.utils.env import env, env_flag, env_list

BASE_DIR = Path(__file__).resolve().parent.parent.parent
DEBUG = False
# The run that `manage.py up` starts: messages become files, demo accounts and the messages page exist.
EMBEDDED = env_flag("MEXITEL_EMBEDDED")

# Migrations work as the owner of the schema, everything else as the role that may not change it.
DB_ROLE_IS_OWNER = env("MEXITEL_DB_ROLE", "app") == "owner"
DATABASE_URL = env("DATABASE_URL")
DATABASES = {
    "default": database(env("DATABASE_OWNER_URL", DATABASE_URL), limits=False)
    if DB_ROLE_IS_OWNER
    else database(DATABASE_URL, limits=True),
}

REDIS_URL = env("REDIS_URL")
CACHES = {"default": redis_cache(REDIS_URL)}
# Truth lives in PostgreSQL: a session ended while Redis was away must not come back with it from a cache.
SESSION_ENGINE = "django.contrib.sessions.backends.db"

INSTALLED_APPS = [
    "mexitel.utils",
    "mexitel.outbox",
    "mexitel.audit",
    "mexitel.accounts",
    "consulates",
    "appointments",
    "antifraud",
    "mexitel.pages",
    "unfold.apps.BasicAppConfig",
    "unfold.contrib.filters",
    "consulates.admin_app.StaffAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.contrib.postgres",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "rest_framework",
    "drf_spectacular",
    "django_htmx",
    "csp",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    # Django's GZip adds random bytes and masks its CSRF token, so that lengths tell nothing (BREACH). It stands
    # above WhiteNoise for the runs whose static files were not collected and compressed before.
    "django.middleware.gzip.GZipMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "mexitel.utils.middleware.PermissionsPolicy",
    "mexitel.utils.browsers.BrowserMark",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "mexitel.pages.language.ChosenLanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "mexitel.accounts.middleware.IdleSignOut",
    "mexitel.accounts.middleware.StaffSecondFactor",
    "django_htmx.middleware.HtmxMiddleware",
    "mexitel.utils.middleware.PersonalPagesAreNotStored",
    "mexitel.utils.middleware.DatabaseAway",
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
                "mexitel.accounts.context.idle",
                "consulates.staff_menu.context",
                "antifraud.context.own_blocks",
            ],
        },
    },
]

LANGUAGE_CODE = "es"
LANGUAGES = [("es", "Español"), ("en", "English")]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
FORMAT_MODULE_PATH = ["mexitel.formats"]
USE_TZ = True
TIME_ZONE = "UTC"

STATIC_URL = "static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
# Served from where they lie; production.py collects, compresses and names them by content instead.
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False

SECRET_KEY = env("SECRET_KEY")
SECRET_KEY_FALLBACKS = env_list("SECRET_KEY_FALLBACKS", "")
FIELD_KEYS = env_list("FIELD_KEYS")
HASH_KEY = env("HASH_KEY")
RECEIPT_KEY = env("RECEIPT_KEY")
RECEIPT_OLD_KEYS = env_list("RECEIPT_OLD_KEYS", "")  # public halves: what they signed stays good
# A CSV of network prefixes and their kind (mexitel/utils/networks.py); without it every kind is unknown.
NETWORK_KINDS = env("NETWORK_KINDS", "")
ALLOWED_HOSTS = env_list("ALLOWED_HOSTS", "localhost,127.0.0.1")
PUBLIC_URL = env("PUBLIC_URL", "http://localhost:8000")
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]

# How people reach the service (mexitel/pages/contact_channels.py); what is empty is not shown.
CONTACT_PHONE = env("CONTACT_PHONE", "")
CONTACT_WHATSAPP = env("CONTACT_WHATSAPP", "")
CONTACT_EMAIL = env("CONTACT_EMAIL", "")
CONTACT_HOURS = env("CONTACT_HOURS", "")

# Where the embedded run writes mails and text messages as files; the messages page shows them.
MESSAGES_DIR = Path(env("MESSAGES_DIR", str(BASE_DIR / ".run" / "messages")))
# The small files that pages of a queue look at; the web server gives them (docker/nginx.conf).
QUEUE_DIR = Path(env("QUEUE_DIR", str(BASE_DIR / ".run" / "queues")))
# Files for everybody that are made now and then (mexitel/utils/published.py); the web server gives them.
PUBLIC_DIR = Path(env("PUBLIC_DIR", str(BASE_DIR / ".run" / "public")))
globals().update(mail())
SMS_GATEWAY_URL = env("SMS_GATEWAY_URL", "")
SMS_GATEWAY_TOKEN = env("SMS_GATEWAY_TOKEN", "")

# A rate limit that cannot count lets people pass: what protects fairness is counted in PostgreSQL.
RATELIMIT_FAIL_OPEN = True
# W001: ratelimit's list of shared caches knows only memcached and django-redis; ours is Django's own Redis cache.
SILENCED_SYSTEM_CHECKS = ["django_ratelimit.W001"]

# Celery. Tasks are acknowledged when done and may run twice; nobody waits for a result.
CELERY_BROKER_URL = REDIS_URL
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_TIME_LIMIT = 300
CELERY_TASK_SOFT_TIME_LIMIT = 270
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_TIMEZONE = "UTC"
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 600,  # seconds, above the longest task
    # Without these two a lost task comes back up to 100 s after its visibility timeout.
    "unacked_restore_interval": 10,
    "unacked_restore_throttle": 1,
    # A dead Redis is noticed in seconds instead of holding the relay for a minute.
    "socket_connect_timeout": 2,
    "socket_timeout": 5,
    "queue_order_strategy": "priority",  # sign-in codes before reminders
}

# Dotted paths that are asked before a sign-up, and before a hold, confirmation or move; they may refuse
# (appointments/guards.py).
SIGNUP_GUARDS: list[str] = ["antifraud.guards.refuse_blocked"]
BOOKING_GUARDS: list[str] = [
    "appointments.drawing.guards.only_who_applied",
    "antifraud.guards.ask_a_step",
    "antifraud.guards.keep_frozen",
]
# Who says that one of the saved people with these ids was validated (appointments/drawing/carrying.py).
DRAW_KNOWN: list[str] = ["antifraud.validation.selectors.were_validated"]
# Holds asked for at one office within a minute: above the first number a device that nobody has booked on works a
# little before it holds, above the second every device. Empty: never, as where one machine plays everybody.
HOLD_HEAT = [int(number) for number in env_list("HOLD_HEAT", "" if EMBEDDED else "60,180")]

# The public random numbers that draws take (appointments/allocation/beacon.py); "local" proves nothing, and only where
# nothing leaves the machine. Without an address two people enter the round by hand.
DRAW_BEACON = "local" if EMBEDDED else "drand-quicknet"
DRAND_URLS = env_list(
    "DRAND_URLS", "https://api.drand.sh,https://api2.drand.sh,https://api3.drand.sh,https://drand.cloudflare.com"
)

# What is done after a commit, by kind of outbox row: handler(*, outbox_id, payload, now). Rooms above add theirs.
OUTBOX_HANDLERS: dict[str, str] = {
    "mail": "mexitel.outbox.handlers.mail",
    "sms": "mexitel.outbox.handlers.sms",
    "appointment.booked": "appointments.notifications.handlers.booked",
    "appointment.moved": "appointments.notifications.handlers.moved",
    "appointment.cancelled": "appointments.notifications.handlers.cancelled",
    "appointment.corrected": "appointments.corrections.messages.corrected",
    "coming.released": "appointments.coming.messages.released",
    "draw.applied": "appointments.drawing.messages.applied",
    "draw.won": "appointments.drawing.messages.won",
    "draw.lost": "appointments.drawing.messages.lost",
    "draw.cancelled": "appointments.drawing.messages.cancelled",
    "appointment.emergency_asked": "appointments.emergencies.messages.asked",
    "appointment.emergency_granted": "appointments.emergencies.messages.granted",
    "appointment.emergency_refused": "appointments.emergencies.messages.refused",
    "waiting.offered": "appointments.waiting.messages.offered",
    "waiting.paused": "appointments.waiting.messages.paused",
    "waiting.over": "appointments.waiting.messages.over",
    "appointment.cancelled_by_review": "antifraud.redress.messages.cancelled",
    "appointment.review_answered": "antifraud.redress.messages.answered",
    "helper.answered": "antifraud.lanes.messages.helper_answered",
    "validation.asked": "antifraud.validation.messages.asked",
    "validation.reminder": "antifraud.validation.messages.reminder",
    "release.told": "appointments.announcing.messages.told",
    "reminder": "appointments.notifications.handlers.reminder",
    "queue.soon": "appointments.queueing.messages.soon",
    "queue.called": "appointments.queueing.messages.called",
    "queue.cancelled": "appointments.queueing.messages.cancelled",
    "closure.offered": "appointments.notifications.closures.offered",
    "closure.no_seat": "appointments.notifications.closures.no_seat",
}
# Kinds (SQL LIKE) that somebody waits for: their own queue, and sent by the relay itself when no worker answers.
OUTBOX_URGENT = [
    "%code", "code%", "sign_in%", "account.%", "appointment.%", "queue.called", "waiting.offered",
]  # fmt: skip
# In the embedded run nothing leaves the machine: messages become files in MESSAGES_DIR.
EMAIL_BACKEND = "mexitel.outbox.mail.FileBackend" if EMBEDDED else "django.core.mail.backends.smtp.EmailBackend"
SMS_GATEWAY = "mexitel.outbox.sms.file_gateway" if EMBEDDED else "mexitel.outbox.sms.http_gateway"
# Text messages in any 24 hours: to one number, to one prefix (country and area), altogether.
SMS_LIMITS = {"number": 8, "prefix": 2000, "day": 20000}

# "Download my data": what the room of fairness keeps.
PERSONAL_DATA_PROVIDERS = [*PERSONAL_DATA_PROVIDERS, "antifraud.redress.personal_data.own_data"]  # noqa: F405

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"no_personal_data": {"()": "mexitel.utils.logs.NoPersonalData"}},
    "formatters": {
        "plain": {
            "()": "mexitel.utils.logs.PlainFormatter",
            "format": "{asctime} {levelname} {name} {message}",
            "style": "{",
        },
    },
    "handlers": {
        "stderr": {
            "class": "logging.StreamHandler",
            "formatter": "plain",
            "filters": ["no_personal_data"],
        },
    },
    "root": {"handlers": ["stderr"], "level": "INFO"},
    # Django's own handlers would mail or repeat what the root already writes.
    "loggers": {"django": {"handlers": [], "level": "INFO"}},
}

PERSONAL_DATA_PROVIDERS = [*PERSONAL_DATA_PROVIDERS, "antifraud.lanes.personal_data.own_data"]
ACCOUNT_DELETION_STEPS = [*ACCOUNT_DELETION_STEPS, "antifraud.lanes.personal_data.forget"]  # noqa: F405

# -- the API (mexitel/api) -------------------------------------------------------------------------

INSTALLED_APPS += ["mexitel.api"]
ACCOUNT_DELETION_STEPS = [*ACCOUNT_DELETION_STEPS, "mexitel.api.tokens.forget"]
# What the room of fairness keeps of whoever it asked to confirm an appointment.
PERSONAL_DATA_PROVIDERS = [*PERSONAL_DATA_PROVIDERS, "antifraud.validation.personal_data.own_data"]
ACCOUNT_DELETION_STEPS = [*ACCOUNT_DELETION_STEPS, "antifraud.validation.personal_data.forget"]
PERSONAL_DATA_PROVIDERS = [*PERSONAL_DATA_PROVIDERS, "antifraud.adverts.personal_data.own_data"]
ACCOUNT_DELETION_STEPS = [*ACCOUNT_DELETION_STEPS, "antifraud.adverts.personal_data.forget"]
PERSONAL_DATA_PROVIDERS = [*PERSONAL_DATA_PROVIDERS, "appointments.announcing.personal_data.own_data"]
ACCOUNT_DELETION_STEPS = [*ACCOUNT_DELETION_STEPS, "appointments.announcing.personal_data.forget"]
# Before "appointments.personal_data.forget", which drops the people of the account.
PERSONAL_DATA_PROVIDERS = [*PERSONAL_DATA_PROVIDERS, "appointments.waiting.personal_data.own_data"]
ACCOUNT_DELETION_STEPS = ["appointments.waiting.personal_data.forget", *ACCOUNT_DELETION_STEPS]
REST_FRAMEWORK = {
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_AUTHENTICATION_CLASSES": ["mexitel.api.authentication.BearerToken"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["mexitel.api.parsers.StrictJSONParser"],
    "DEFAULT_METADATA_CLASS": None,
    "EXCEPTION_HANDLER": "mexitel.api.problems.answer",
    "URL_FORMAT_OVERRIDE": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Mexitel",
    "VERSION": "1.0.0",
    "DESCRIPTION": "Free consular appointments: look, hold, confirm, move and cancel. Everything that a citizen does in"
    " the pages, with the same limits. The appointment is free; nobody may charge for it.",
    "OAS_VERSION": "3.1.0",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SERVE_INCLUDE_SCHEMA": False,
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "ENUM_NAME_OVERRIDES": {
        "SessionKind": "consulates.models.SessionKind",
        "ConsulateKind": "consulates.models.ConsulateKind",
        "AppointmentStatus": "appointments.enums.AppointmentStatus",
        "BookingWay": "consulates.models.BookingWay",
        "ProcedureCategory": "consulates.models.ProcedureCategory",
    },
    "SERVERS": [{"url": "/", "description": "This portal"}],
    "TAGS": [
        {"name": name}
        for name in (
            "offices",
            "procedures",
            "availability",
            "releases",
            "sign-in",
            "holds",
            "step-ups",
            "queues",
            "appointments",
            "applicants",
            "draws",
            "adverts",
            "figures",
        )
    ],
}
# Volumetric limits: the key by dotted path, and the rate. They pause while Redis is away; what protects fairness and
# accounts is counted in PostgreSQL. Carriers put thousands of phones behind one address, so clients get a wide berth.
RATE_LIMITS = {
    "search": ("mexitel.utils.ratelimits.client", "900/m"),
    "soonest": ("mexitel.utils.ratelimits.client", "300/m"),
    "codes": ("mexitel.utils.ratelimits.client", "60/m"),
    "sign_in": ("mexitel.utils.ratelimits.client", "60/m"),
    "sign_in_code": ("mexitel.utils.ratelimits.client", "60/m"),
    "staff_sign_in": ("mexitel.utils.ratelimits.client", "30/m"),
    "staff_link": ("mexitel.utils.ratelimits.client", "30/m"),
    "second_factor": ("mexitel.utils.ratelimits.client", "30/m"),
    "account": ("mexitel.utils.ratelimits.client", "30/m"),
    "account_code": ("mexitel.utils.ratelimits.client", "60/m"),
    "booking": ("mexitel.utils.ratelimits.account", "60/m"),
    "own": ("mexitel.utils.ratelimits.account", "120/m"),
}
