"""The register of adverts."""

from antifraud.adverts import exporting
from antifraud.adverts.pictures import Picture
from antifraud.adverts.telling import Told, tell
from antifraud.adverts.triage import decide
from antifraud.models import NoticeSource, Platform, PostState
from consulates.models import Role
from mexitel.utils.time import now
from tests.factories.accounts import UserFactory
from tests.staff.matrix import AGENTS, Open, Staff

REVIEWERS = frozenset({Role.REVIEWER, Role.SENIOR_REVIEWER})
SENIORS = frozenset({Role.SENIOR_REVIEWER})


def told():
    picture = Picture(b"-", 1, 1)
    where = "https://x.com/ejemplo/status/1"
    return tell(told=Told(where=where, words="-", picture=picture), source=NoticeSource.PAGE, now=now())[1]


def a_post(world):
    return {"post_id": told().post_id}


def a_picture(world):
    notice = told()
    return {"post_id": notice.post_id, "capture_id": notice.capture.pk}


def a_file(world):
    by = UserFactory(staff=True)
    decide(
        post_id=told().post_id, was=PostState.RECEIVED, became=PostState.CONFIRMED, reason="-", by=by, now=now(),
        ground="sells",
    )  # fmt: skip
    return {"export_id": exporting.make(platform=Platform.TWITTER, by=by, now=now()).pk, "kind": "csv"}


def a_card(world):
    return {"language": "es", "shape": "ancha"}


ROWS = {
    "api_advert_notices": Open(),
    "api_advert_receipts": Open(),
    "advert_tell": Open(),
    "advert_told": Open(),
    "advert_receipt": Open(),
    "advert_figures": Open(),
    "advert_figures_csv": Open(),
    "advert_figures_json": Open(),
    "free_kit": Open(),
    "free_card": Open(kwargs=a_card),
    "staff_posts": Staff(get=REVIEWERS, post=REVIEWERS),
    "staff_post_new": Staff(get=REVIEWERS | AGENTS, post=REVIEWERS | AGENTS),
    "staff_post": Staff(get=REVIEWERS, post=REVIEWERS, kwargs=a_post, of_office=False),
    "staff_post_picture": Staff(get=REVIEWERS, kwargs=a_picture, of_office=False),
    "staff_post_exports": Staff(get=REVIEWERS, post=REVIEWERS),
    "staff_post_export_file": Staff(get=REVIEWERS, kwargs=a_file, of_office=False),
    "staff_phrases": Staff(get=REVIEWERS, post=REVIEWERS),
    "staff_phrases_edit": Staff(get=SENIORS, post=SENIORS),
    "staff_post_baseline": Staff(get=REVIEWERS, post=SENIORS),
}
