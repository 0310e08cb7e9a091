"""The project package: settings, site map, Celery, and the small apps that every room may use."""

try:
    from .celery import app as celery_app
except ModuleNotFoundError as error:
    # The bootstrap runs before any dependency is installed; anything but a missing Celery is a real fault.
    if error.name != "celery":
        raise
else:
    __all__ = ["celery_app"]
