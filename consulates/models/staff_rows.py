from typing import Any

from django.db import models
from django_scopes import ScopedManager


def staff_rows(queryset: type[models.QuerySet] = models.QuerySet, *, office: str = "consulate") -> Any:
    """A manager that sees the rows of the offices at hand on a page of staff, and outside one refuses to answer.

    ``office`` is the path from the model to its Consulate (consulates/access.py opens the scope).
    """
    return ScopedManager(consulate=office, _manager_class=models.Manager.from_queryset(queryset))
