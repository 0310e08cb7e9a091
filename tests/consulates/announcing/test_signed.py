"""A signed announcement: written with the approval, never changed, and checked by a stranger's few lines."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import ProgrammingError, transaction

from consulates.announcing.signed import document, stands, still_says
from consulates.models import Announcement, AnnouncementKind, Release, ReleaseOffice
from consulates.releases.approving import cancel
from mexitel.utils.signing import as_jwk, canonical, published_keys
from tests.factories import release_drafts as make
from tests.factories.appointments import NOW

VERIFY = Path(__file__).resolve().parents[3] / "static" / "verify_announcement.py"


@pytest.fixture
def announced(db):
    return make.announce(make.draft())


def test_what_is_announced_is_signed_in_the_same_transaction(announced):
    [promise] = announced.announcements.all()
    office = announced.offices.get()
    said = json.loads(promise.said)

    assert stands(promise)
    assert (said["kind"], said["release"], said["mode"]) == ("announced", announced.pk, "queue")
    assert [(row["office"], row["seats"]) for row in said["offices"]] == [(office.consulate.code, office.seats)]
    assert office.seats > 0
    assert canonical(said).decode() == promise.said


def test_a_letter_that_changes_breaks_it(announced):
    promise = announced.announcements.get()
    promise.said = promise.said.replace('"seats":', '"Seats":')
    assert not stands(promise)


def test_the_serving_role_cannot_change_it(announced):
    promise = announced.announcements.get()
    for touch in (
        lambda: Announcement.objects.update(said="{}"),
        lambda: Announcement.objects.all()._raw_delete("default"),
    ):
        with pytest.raises(ProgrammingError), transaction.atomic():
            touch()
    assert stands(promise)


def test_rows_that_somebody_changes_no_longer_say_what_was_signed(announced):
    promise = announced.announcements.get()
    assert still_says(promise, announced)
    ReleaseOffice.objects.filter(release=announced).update(seats=1)
    assert not still_says(promise, Release.objects.get(pk=announced.pk))


def test_a_cancellation_is_signed_beside_the_announcement(announced):
    cancel(announced, reason="Se fue la luz", by=make.signer(), now=NOW)
    kinds = {one.kind: json.loads(one.said) for one in announced.announcements.all()}
    assert set(kinds) == set(AnnouncementKind.values)
    assert kinds["cancelled"]["reason"] == "Se fue la luz"


def test_a_stranger_checks_the_file_with_the_published_keys(announced, tmp_path):
    file, keys = tmp_path / "anuncio.json", tmp_path / "claves.json"
    keys.write_text(json.dumps({"keys": [as_jwk(key) for key in published_keys().values()]}))
    good = document(announced.announcements.get())
    bad = good | {"said": good["said"] | {"release": announced.pk + 1}}
    answers = []
    for told in (good, bad):
        file.write_text(json.dumps(told, indent=2))  # however it is spaced
        run = subprocess.run([sys.executable, VERIFY, file, keys], capture_output=True, text=True, check=False)
        answers.append((run.returncode, run.stdout[:5]))
    assert answers == [(0, "good:"), (1, "WRONG")]
