"""How each mode is called and explained, in a word and in one sentence."""

from django.utils.translation import gettext as _

from consulates.models import Gate


def mode_words(mode: Gate) -> str:
    return {
        Gate.OPEN: _("First come, first served"),
        Gate.QUEUE: _("Queue with a drawn order"),
        Gate.DRAW: _("Draw"),
    }[mode]


def how_it_works(mode: Gate) -> str:
    return {
        Gate.OPEN: _("From the hour of the opening on anybody can book."),
        Gate.QUEUE: _(
            "Join before it opens: at that moment a draw puts everybody who is there in order. It does not matter who"
            " came first."
        ),
        Gate.DRAW: _(
            "Apply on any day before the draw: lots decide who gets a place, and you do not need to be online."
        ),
    }[mode]


def how_it_goes(mode: Gate) -> str:
    """Once it has opened, and is not yet anybody's."""
    return {
        Gate.OPEN: "",
        Gate.QUEUE: _("The order was drawn, and people are let in one after another."),
        Gate.DRAW: _("The lots were drawn. What somebody does not accept goes to the next in order."),
    }[mode]
