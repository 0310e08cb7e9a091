"""What reviewers did in the register of adverts, in the audit trail's words."""

from django.utils.translation import gettext_lazy as _

ADVERTS = {
    "advert.list": _("saw the list of adverts"),
    "advert.see": _("read an advert"),
    "advert.picture": _("saw the picture of an advert"),
    "advert.tell": _("wrote an advert down"),
    "advert.take": _("took an advert in hand"),
    "advert.assign": _("gave an advert to a colleague"),
    "advert.give_back": _("gave an advert back"),
    "advert.decide": _("decided about an advert"),
    "advert.link": _("tied an advert to a case"),
    "advert.export": _("made a file of adverts for a platform"),
    "advert.file": _("took a file of adverts"),
    "advert.phrases": _("published phrases for adverts"),
    "advert.baseline": _("chose the weeks with which adverts are compared"),
}
NOUNS = {"advert": _("adverts")}
OBJECTS = {
    "antifraud.post": _("advert"),
    "antifraud.postexport": _("file of adverts"),
    "antifraud.phraserules": _("phrases"),
    "antifraud.postbaseline": _("weeks compared"),
}
