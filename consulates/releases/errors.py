"""Why a release was left as it was. Each ``code`` stays the same for machines; forms.py has the sentences."""

from collections.abc import Iterable

from consulates.services.sessions import SupplyError


class ReleaseError(SupplyError):
    code = "release"


class DifferentMoments(ReleaseError):
    """A queue or a draw has one moment; at that wall time the clocks of ``zones`` show others."""

    code = "different_moments"

    def __init__(self, zones: Iterable[str]) -> None:
        self.zones = sorted(zones)
        super().__init__(", ".join(self.zones))


class NoLongerDraft(ReleaseError):
    """It was announced, or given up: what the public knows of is not edited."""

    code = "no_longer_draft"


class NothingToRelease(ReleaseError):
    code = "nothing_to_release"


class OpensTooSoon(ReleaseError):
    """Less than NOTICE is left until it opens."""

    code = "opens_too_soon"


class TelephoneEndsTooSoon(ReleaseError):
    """Its share would fall to the public before every office has opened."""

    code = "telephone_ends_too_soon"


class NotReleasable(ReleaseError):
    """Some sessions opened, began, or went into another release meanwhile; ``session_ids`` are those."""

    code = "not_releasable"

    def __init__(self, session_ids: Iterable[int]) -> None:
        self.session_ids = sorted(session_ids)
        super().__init__(f"not releasable: {self.session_ids}")


class ShownOtherwise(ReleaseError):
    """Something changed after the page was shown, and what would be announced is not what was read."""

    code = "shown_otherwise"


class OwnApproval(ReleaseError):
    """Whoever wrote it down does not approve it."""

    code = "own_approval"


class TooLateToCancel(ReleaseError):
    """It opens within NOTICE, or has opened."""

    code = "too_late_to_cancel"


class NotAnnounced(ReleaseError):
    """Only what was announced is cancelled, and once."""

    code = "not_announced"
