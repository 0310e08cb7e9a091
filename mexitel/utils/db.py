"""What PostgreSQL says, in our words: a violated constraint by its name, and "not now" as such."""

import contextlib
import sys
from collections.abc import Callable, Iterator, Mapping

from django.db import IntegrityError, InterfaceError, OperationalError, transaction

# Away, restarting, a lock or a statement that took too long, a deadlock: later it may well work.
NOT_NOW = (OperationalError, InterfaceError)


def violated_constraint(error: IntegrityError) -> str | None:
    """The constraint's name as PostgreSQL reports it, or None when there is none (NOT NULL)."""
    diagnosis = getattr(error.__cause__, "diag", None)
    return getattr(diagnosis, "constraint_name", None)


@contextlib.contextmanager
def named_violations(errors: Mapping[str, Callable[[], Exception]], using: str | None = None) -> Iterator[None]:
    """Turn the violation of a constraint named in ``errors`` into the exception that stands beside it.

    The block runs in a transaction or savepoint of its own, so the caller's transaction stays usable.
    Other violations pass unchanged. Deferred constraints speak at the outermost commit: put this around that.
    """
    try:
        with transaction.atomic(using=using):
            yield
    except IntegrityError as error:
        make = errors.get(violated_constraint(error) or "")
        if make is None:
            raise
        raise make() from error


def is_not_now(error: BaseException | None = None) -> bool:
    """Whether ``error`` (or the one being handled) means that the database cannot answer at this moment."""
    error = sys.exc_info()[1] if error is None else error
    while error is not None:
        if isinstance(error, NOT_NOW):
            return True
        error = error.__cause__
    return False
