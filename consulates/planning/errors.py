from collections.abc import Sequence

from consulates.services.sessions import SupplyError

from .preview import Preview


class CannotBeSaved(SupplyError):
    """The proposal clashes with what stands, or says nothing; ``found`` says with what."""

    code = "cannot_be_saved"

    def __init__(self, found: Preview) -> None:
        self.found = found
        super().__init__(self.code)


class WorldChanged(SupplyError):
    """What would be saved is not what was shown; ``found`` is what it is now."""

    code = "world_changed"

    def __init__(self, found: Preview) -> None:
        self.found = found
        super().__init__(self.code)


class TooLate(SupplyError):
    """The ten minutes are over, or somebody has undone it already."""

    code = "too_late"


class NotOver(SupplyError):
    """A session is held only once it is over and published; ``session_ids`` are the others."""

    code = "not_over"

    def __init__(self, session_ids: Sequence[int]) -> None:
        self.session_ids = list(session_ids)
        super().__init__(f"not over: {self.session_ids}")
