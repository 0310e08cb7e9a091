"""Settings come from the environment; a secret that is missing stops the start with its name."""

import os

from django.core.exceptions import ImproperlyConfigured


def env(name: str, default: str | None = None) -> str:
    """The variable's text; raises ImproperlyConfigured when it is unset and there is no default."""
    value = os.environ.get(name, default)
    if value is None:
        raise ImproperlyConfigured(f"Set {name} in the environment (docs/operations.md says what it is).")
    return value


def env_list(name: str, default: str | None = None) -> list[str]:
    return [part.strip() for part in env(name, default).split(",") if part.strip()]


def env_flag(name: str) -> bool:
    return env(name, "0").lower() in {"1", "true", "yes", "on"}
