"""What somebody wants, as the addresses of the public pages say it."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from consulates.forms import WantedForm
from consulates.models import Procedure
from consulates.places import point_text


@dataclass(frozen=True)
class Wanted:
    """Kept in every link, so that nothing is asked twice. ``near`` is the point that was searched for, as text."""

    procedure: Procedure | None = None
    party: int = 1
    near: str = ""

    @classmethod
    def from_query(cls, query: Mapping[str, str]) -> tuple["Wanted", WantedForm]:
        """What is right in ``query``, and the form that shows what is not."""
        asked = "tramite" in query or "personas" in query
        form = WantedForm(query if asked else None, auto_id="id_%s")
        near = point_text(query.get("desde", ""))
        if not asked:
            return cls(near=near), form
        form.is_valid()
        return cls(form.cleaned_data.get("tramite"), form.cleaned_data.get("personas") or 1, near), form

    def query(self, **also: str) -> str:
        parts = {"tramite": self.procedure.code} if self.procedure else {}
        if self.party > 1:
            parts["personas"] = str(self.party)
        if self.near:
            parts["desde"] = self.near
        text = urlencode(parts | also)
        return f"?{text}" if text else ""
