"""Longer settings made from one address."""

from urllib.parse import parse_qsl, unquote, urlsplit

from mexitel.utils.env import env, env_flag

# A person waits at most this long for a lock or a query before the portal says "try again".
LIMITS = "-c lock_timeout=3s -c statement_timeout=5s -c idle_in_transaction_session_timeout=15s"


def database(url: str, *, limits: bool) -> dict:
    """Django's database settings for ``postgresql://user:password@host:port/name?option=value``."""
    parts = urlsplit(url)
    options: dict = {"connect_timeout": 3, **dict(parse_qsl(parts.query))}
    if limits:
        options["options"] = LIMITS
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": str(parts.port or 5432),
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
        # Behind pgbouncer in transaction mode a cursor must not outlive its transaction.
        "DISABLE_SERVER_SIDE_CURSORS": env_flag("DATABASE_POOLED"),
        "OPTIONS": options,
    }


def redis_cache(url: str) -> dict:
    return {"BACKEND": "mexitel.utils.cache.ResilientRedisCache", "LOCATION": url, "KEY_PREFIX": "mexitel"}


def mail() -> dict:
    """Django's mail settings from ``EMAIL_URL``: ``smtps://…`` is TLS from the first byte (port 465 without one);
    ``smtp://…`` begins TLS with STARTTLS where it logs in or on port 587, and never sends a password without it.
    """
    parts = urlsplit(env("EMAIL_URL", "smtp://localhost:25"))
    whole, port = parts.scheme == "smtps", parts.port
    return {
        "EMAIL_HOST": parts.hostname or "localhost",
        "EMAIL_PORT": port or (465 if whole else 25),
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_SSL": whole,
        "EMAIL_USE_TLS": not whole and (port == 587 or bool(parts.username)),
        "EMAIL_TIMEOUT": 10,
        "DEFAULT_FROM_EMAIL": env("DEFAULT_FROM_EMAIL", "citas@localhost"),
    }
