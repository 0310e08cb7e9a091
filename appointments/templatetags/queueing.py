from django import template

register = template.Library()


@register.filter
def in_fives(code: str) -> str:
    """A ticket as it is read out: ``K7QXM 4TRPD 9WZHA 2BCEF``."""
    return " ".join(code[at : at + 5] for at in range(0, len(code), 5))
