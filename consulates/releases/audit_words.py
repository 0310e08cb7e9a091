"""What staff do about releases, in the words of the record."""

from django.utils.translation import gettext_lazy as _

ACTIONS = {
    "release.draft": _("wrote down an opening of places"),
    "release.edit": _("changed the draft of an opening of places"),
    "release.sessions": _("chose the sessions of an opening of places"),
    "release.discard": _("gave up the draft of an opening of places"),
    "release.approve": _("approved and announced an opening of places"),
    "release.cancel": _("cancelled an opening of places"),
    "release_rule.make": _("made a rule of recurring openings"),
    "release_rule.end": _("ended a rule of recurring openings"),
}
NOUNS = {"release": _("openings of places"), "release_rule": _("rules of recurring openings")}
OBJECTS = {"consulates.release": _("opening of places"), "consulates.releaserule": _("rule of openings")}
