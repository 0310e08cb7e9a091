"""Captures under a new field key (settings.SEALED_ELSEWHERE). The texts beside them are of the usual sealed field."""

from antifraud.models import PostCapture
from mexitel.utils.crypto import is_current, rotate_bytes


def reseal() -> int:
    """Every picture sealed with the first field key, one at a time; returns how many changed. May run again."""
    changed = 0
    for pk in PostCapture.objects.values_list("pk", flat=True):
        content = PostCapture.objects.filter(pk=pk).values_list("content", flat=True).first()
        if content is not None and not is_current(token := bytes(content)):
            changed += PostCapture.objects.filter(pk=pk).update(content=rotate_bytes(token))
    return changed
