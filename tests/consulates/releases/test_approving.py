"""A draft becomes public by a second person, as it was read; what was announced is cancelled, never edited."""

from datetime import timedelta

import pytest

from consulates.models import Gate, Release, Seat, Session, Slot
from consulates.planning.capacity import end_factor
from consulates.releases import approving
from consulates.releases.approving import approve, cancel
from consulates.releases.drafting import choose_sessions, discard_draft, parked, releasable, save_draft
from consulates.releases.errors import (
    NoLongerDraft,
    NotAnnounced,
    NothingToRelease,
    NotReleasable,
    OpensTooSoon,
    OwnApproval,
    ShownOtherwise,
    TooLateToCancel,
)
from consulates.signals import release_announced, release_cancelled
from mexitel.audit.models import AuditLine
from tests.factories import appointments as make
from tests.factories import planning
from tests.factories import release_drafts as drafts
from tests.factories.appointments import NOW
from tests.factories.consulates import ConsulateFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def heard():
    """What was said aloud, by signal."""
    found = []

    def note(signal, **facts):
        found.append((signal, facts["release_id"]))

    for signal in (release_announced, release_cancelled):
        signal.connect(note)
    yield found
    for signal in (release_announced, release_cancelled):
        signal.disconnect(note)


def untouched():
    return (
        Slot.objects.count(),
        set(Session.objects.values_list("status", flat=True)),
        set(Release.objects.values_list("state", flat=True)),
    ) == (0, {"draft"}, {"draft"})


def test_approval_publishes_the_sessions_behind_the_gate_and_keeps_the_telephones_share(
    heard, django_capture_on_commit_callbacks
):
    office = ConsulateFactory()
    by = drafts.signer(office)
    made = drafts.draft(*drafts.sessions(office, 2, staff_seats=2, emergency_seats=2))

    with django_capture_on_commit_callbacks(execute=True):
        done = drafts.announce(made, by=by)

    assert (done.state, done.approved_by, done.announced_at) == ("announced", by, NOW)
    slots = Slot.objects.filter(session__release=done)
    assert set(slots.values_list("gate", "opens_at", "opens_to_all_at", "phone_until")) == {
        (Gate.QUEUE, done.opens_at, done.opens_to_all_at, done.phone_until)
    }
    pools = ("public", "phone", "staff", "emergency")
    seats = [Seat.objects.filter(slot__in=slots, pool=pool).count() for pool in pools]
    # 16 seats, of which 8 are the public's: a tenth of those, rounded up.
    assert seats == [7, 1, 4, 4]
    row = done.offices.get()
    assert (row.seats, row.phone_seats, row.first_day, row.last_day) == (
        8, 1, planning.DAY + timedelta(days=7), planning.DAY + timedelta(days=8),
    )  # fmt: skip
    assert set(done.procedures.all()) == set(done.sessions.first().procedures.all())
    assert heard == [(release_announced, done.pk)]
    assert AuditLine.objects.get(action="release.approve").office_id == office.pk


def test_whoever_wrote_it_down_does_not_approve_it():
    made = drafts.draft()

    with pytest.raises(OwnApproval):
        drafts.announce(made, by=made.made_by)

    assert untouched()


def test_what_was_read_is_what_is_announced():
    made = drafts.draft()
    shown = drafts.read(made)
    session = made.sessions.get()
    factor, _fitted = planning.factor(session.consulate, "0.5", first=session.date, last=session.date, by=made.made_by)

    with pytest.raises(ShownOtherwise):
        drafts.announce(made, shown=shown)
    assert untouched()

    end_factor(factor=factor, by=made.made_by, now=NOW)
    assert drafts.announce(made, shown=shown).state == "announced"


@pytest.mark.parametrize("left", [timedelta(minutes=5), timedelta(minutes=5, seconds=-1)])
def test_release_is_approved_five_minutes_before_it_opens_at_the_latest(left):
    made = drafts.draft()
    now = made.opens_at - left
    if left < timedelta(minutes=5):
        with pytest.raises(OpensTooSoon):
            drafts.announce(made, now=now)
    else:
        assert drafts.announce(made, now=now).state == "announced"


def test_release_without_places_is_not_announced():
    empty = drafts.draft(*drafts.sessions(ConsulateFactory(), staff_seats=4, emergency_seats=4))

    with pytest.raises(NothingToRelease):
        drafts.announce(empty)


def test_session_that_was_published_by_itself_moves_behind_the_gate_while_nothing_of_it_is_open():
    soon = planning.published(after=7)
    later = drafts.unopened(NOW + timedelta(days=2))

    assert set(releasable(now=NOW)) == {later}
    made = drafts.announce(drafts.draft(later))

    assert set(later.slots.values_list("gate", "opens_at")) == {("queue", made.opens_at)}
    assert soon.slots.filter(gate="open").count() == soon.slots.count()


def test_session_that_opened_meanwhile_stops_the_approval():
    session = drafts.unopened(NOW + timedelta(days=1))
    made = drafts.draft(session)
    just_before = NOW + timedelta(days=1) - timedelta(minutes=4)

    with pytest.raises(NotReleasable) as refused:
        drafts.announce(made, now=just_before)

    assert refused.value.session_ids == [session.pk]


def test_session_is_in_one_release_only():
    first = drafts.draft()
    session = first.sessions.get()
    second = drafts.draft(*drafts.sessions(session.consulate, day=planning.DAY + timedelta(days=12)))

    with pytest.raises(NotReleasable):
        choose_sessions(second, chosen=[session.pk], among=[session.pk], by=None, now=NOW)
    assert first.sessions.count() == 1


def test_announced_release_is_not_edited_and_not_given_up():
    made = drafts.announce(drafts.draft())
    office, by = made.offices.get().consulate, planning.planner()

    with pytest.raises(NoLongerDraft):
        save_draft(drafts.terms(hour=drafts.time(15)), offices=[office], by=by, now=NOW, release=made)
    with pytest.raises(NoLongerDraft):
        choose_sessions(made, chosen=[], among=[made.sessions.get().pk], by=by, now=NOW)
    with pytest.raises(NoLongerDraft):
        discard_draft(made, by=by, now=NOW)
    with pytest.raises(NoLongerDraft):
        drafts.announce(made)


def test_open_release_opens_in_each_office_by_its_own_clocks():
    east, west = ConsulateFactory(), ConsulateFactory(time_zone="America/Los_Angeles")
    own = [*drafts.sessions(east), *drafts.sessions(west)]
    made = drafts.announce(drafts.draft(*own, mode=Gate.OPEN))

    opens = dict(Slot.objects.values_list("consulate_id", "opens_at"))
    assert opens[west.pk] - opens[east.pk] == timedelta(hours=2)
    assert made.opens_at == opens[east.pk]


def test_cancelled_release_leaves_its_sessions_open_to_nobody_until_another_takes_them(
    heard, django_capture_on_commit_callbacks
):
    made = drafts.announce(drafts.draft())
    by = planning.planner()

    with django_capture_on_commit_callbacks(execute=True):
        cancel(made, reason="Huracán", by=by, now=NOW)

    made.refresh_from_db()
    assert (made.state, made.cancelled_by, made.cancel_reason, made.sessions.count()) == ("cancelled", by, "Huracán", 0)
    assert heard == [(release_cancelled, made.pk)]
    [session] = parked(now=NOW)
    assert not Seat.objects.filter(pool="phone").exists()
    for at in session.slots.all():
        for now in (made.opens_at, made.opens_at + timedelta(days=3), at.starts_at - timedelta(seconds=1)):
            assert make.hold(make.account(), at, now=now, admitted=made.pk).code == "not_open"

    again = drafts.announce(drafts.draft(session, mode=Gate.OPEN))

    assert not parked(now=NOW).exists()
    at = session.slots.first()
    assert make.hold(make.account(), at, now=again.opens_at).ok


def test_release_is_cancelled_once_and_five_minutes_before_it_opens_at_the_latest():
    made = drafts.announce(drafts.draft())
    by = planning.planner()

    with pytest.raises(TooLateToCancel):
        cancel(made, reason="Tarde", by=by, now=made.opens_at - timedelta(minutes=4))
    cancel(made, reason="A tiempo", by=by, now=made.opens_at - timedelta(minutes=5))
    with pytest.raises(NotAnnounced):
        cancel(made, reason="Otra vez", by=by, now=NOW)


def test_undoing_a_publication_leaves_what_an_announced_release_counts_on():
    office = ConsulateFactory()
    by = planning.planner(office)
    batch = planning.create(office, planning.plan(office, make.procedure(), after=7), by=by)
    made = drafts.draft(*Session.objects.filter(pk__in=batch.made), by=by)
    drafts.announce(made)
    published = planning.PlanBatch.objects.create(
        consulate=office, act="publish", made=batch.made, made_by=by, made_at=NOW
    )

    outcome = planning.undo(published, by=by)

    assert outcome.changed == batch.made
    assert made.sessions.get().status == "published"


def test_the_seal_is_what_stops_a_change_after_reading(monkeypatch):
    """The control: without comparing it the approval announces numbers that nobody has read."""
    monkeypatch.setattr(approving, "constant_time_compare", lambda _shown, _found: True)

    assert approve(drafts.draft(), shown="never read", by=drafts.signer(), now=NOW).state == "announced"
