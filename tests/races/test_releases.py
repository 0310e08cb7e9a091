"""Two people decide about one release at once; each race with its guard taken away as a control."""

from datetime import timedelta

from consulates.models import Release, Session
from consulates.releases import approving
from consulates.releases.approving import approve, cancel
from consulates.releases.drafting import discard_draft
from consulates.services.sessions import publish_session
from tests.factories import release_drafts as drafts
from tests.factories.appointments import NOW
from tests.races.together import codes, errors, together


def approval(pk, shown, by):
    return lambda: approve(Release(pk=pk), shown=shown, by=by, now=NOW)


def two_approvals():
    session = drafts.unopened(NOW + timedelta(days=2))
    made = drafts.draft(session, procedures=list(session.procedures.all()))
    shown = drafts.read(made)
    return made, together([approval(made.pk, shown, drafts.signer(session.consulate)) for _ in range(2)])


def test_of_two_approvals_at_once_one_announces(live_db):
    made, results = two_approvals()

    assert codes(results) == ["Release", "no_longer_draft"]
    made.refresh_from_db()
    assert made.approved_by == next(one for one in results if isinstance(one, Release)).approved_by


def test_without_the_rows_lock_both_go_on_to_announce(live_db, monkeypatch):
    """The control: the second overwrites who approved, unless the table of signed announcements stops it."""
    monkeypatch.setattr(approving, "lock_draft", lambda release: Release.objects.get(pk=release.pk))

    _made, results = two_approvals()

    assert codes(results) in (["Release", "Release"], ["IntegrityError", "Release"])


def test_approval_against_giving_the_draft_up_has_one_winner(live_db):
    made = drafts.draft()
    by, shown = drafts.signer(), drafts.read(made)

    results = together([approval(made.pk, shown, by), lambda: discard_draft(made, by=by, now=NOW)])

    assert len(errors(results)) == 1
    left = Release.objects.filter(pk=made.pk, state="announced").count()
    assert Session.objects.filter(status="published").count() == left


def test_approval_against_publishing_by_itself_leaves_one_of_them(live_db):
    made = drafts.draft()
    by, shown, session = drafts.signer(), drafts.read(made), made.sessions.get()
    at_once = lambda: publish_session(Session.objects.get(pk=session.pk), opens_at=NOW, now=NOW)  # noqa: E731

    results = together([approval(made.pk, shown, by), at_once])

    assert len(errors(results)) == 1
    session.refresh_from_db()
    is_announced = Release.objects.get(pk=made.pk).state == "announced"
    assert set(session.slots.values_list("gate", flat=True)) == ({"queue"} if is_announced else {"open"})


def test_cancelled_twice_at_once_is_cancelled_by_one(live_db):
    made = drafts.announce(drafts.draft())
    people = [drafts.signer() for _ in range(2)]

    results = together([lambda by=by: cancel(made, reason="Huracán", by=by, now=NOW) for by in people])

    assert codes(results) == ["Release", "not_announced"]


def test_approval_against_cancelling_ends_announced_or_then_cancelled_and_never_half(live_db):
    made = drafts.draft()
    by, shown = drafts.signer(), drafts.read(made)

    results = together(
        [approval(made.pk, shown, by), lambda: cancel(Release(pk=made.pk), reason="Huracán", by=by, now=NOW)]
    )

    made.refresh_from_db()
    gates = set(Session.objects.get().slots.values_list("gate", flat=True))
    if errors(results):
        assert codes(errors(results)) == ["not_announced"]
        assert (made.state, gates) == ("announced", {"queue"})
    else:
        assert (made.state, gates) == ("cancelled", {"open"})
