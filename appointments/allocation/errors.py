"""Why a step of a draw cannot be taken now. ``code`` stays the same for machines."""


class DrawingError(Exception):
    code = "not_now"


class NotSealed(DrawingError):
    code = "not_sealed"


class NotDrawn(DrawingError):
    code = "not_drawn"


class BeaconAway(DrawingError):
    """No configured server gave a good signature of the round. It is worth asking again, or entering it by hand."""

    code = "beacon_away"


class WrongRound(DrawingError):
    """Not the round that was promised, or not its signature."""

    code = "wrong_round"


class Tampered(DrawingError):
    """The sealed list is not the one whose hash was published. Nothing is drawn from it."""

    code = "tampered"
