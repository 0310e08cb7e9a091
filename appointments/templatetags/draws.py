from django import template

from appointments.drawing.codes import in_groups

register = template.Library()


@register.filter
def ticket(code: str) -> str:
    """``ABCDE FGHJK MNPQR STVWX``"""
    return in_groups(code)
