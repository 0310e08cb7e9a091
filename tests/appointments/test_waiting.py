"""The waiting list: who is offered a freed seat, and what the answer changes."""

from datetime import date, timedelta
from hashlib import sha256
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from appointments.allocation.errors import BeaconAway
from appointments.allocation.order import Ticket, rank
from appointments.claim import claim_one, link_accounts
from appointments.models import (
    ApplicantClaim,
    Appointment,
    Hold,
    OfferOutcome,
    Skip,
    WaitingDay,
    WaitingEntry,
    WaitingOffer,
    WaitingOfferSeat,
    WaitingReturn,
    WaitingSkip,
)
from appointments.services import save_applicant
from appointments.services.hold import request_for
from appointments.waiting import days
from appointments.waiting.answering import accept, as_it_stands, decline
from appointments.waiting.days import seed_of, shown_day
from appointments.waiting.errors import NotOneFamily, PersonBooked, Unreachable, WaitsAlready, WrongNumber
from appointments.waiting.joining import leave, stay, to_the_front, without_booked
from appointments.waiting.order import day_of, drawn_place
from appointments.waiting.shown import position_of
from consulates.models import Seat
from mexitel.utils.db import violated_constraint
from tests.appointments.waiting_scene import (
    NIGHT,
    NOON,
    free,
    offered_to,
    offers,
    office_day,
    people,
    waits,
)
from tests.factories import appointments as make
from tests.factories.accounts import UserFactory

pytestmark = pytest.mark.django_db
HALF_HOUR = timedelta(minutes=30)


def codes(entry: WaitingEntry) -> list[str]:
    return sorted(WaitingSkip.objects.filter(entry=entry).values_list("code", flat=True))


def test_a_freed_seat_is_held_for_whoever_waits_and_accepted_without_typing():
    session = office_day()
    entry = waits(session)
    [seat] = free(session)

    [offer] = offers()

    hold = Hold.objects.get(pk=offer.hold_id)
    assert (offer.entry, hold.seat_ids, hold.expires_at) == (entry, [seat.pk], NOON + HALF_HOUR)
    stranger = make.account()
    assert make.hold(stranger, seat.slot, now=NOON).code == "full"
    [booked] = accept(offer, now=NOON + timedelta(minutes=5))
    appointment = Appointment.objects.get(pk=booked)
    assert (appointment.account, appointment.seat_id) == (entry.account, seat.pk)
    entry.refresh_from_db()
    offer.refresh_from_db()
    assert (entry.end_reason, offer.outcome) == ("booked", OfferOutcome.ACCEPTED)


def test_earlier_days_come_first_and_a_day_stands_in_its_drawn_order():
    session = office_day(seats=6)
    today = [waits(session, at=NOON - timedelta(minutes=minute)) for minute in range(3)]
    before = [waits(session, at=NOON - timedelta(days=2, minutes=minute)) for minute in range(3)]
    free(session, seats=6)

    def drawn(entries: list[WaitingEntry]) -> list[WaitingEntry]:
        seed = seed_of(entries[0].join_day, now=NOON)
        return sorted(entries, key=lambda one: drawn_place(seed, one.code))

    assert offered_to() == drawn(before) + drawn(today)


def test_an_offer_left_or_declined_goes_to_the_next_and_a_seat_has_three_offers():
    session = office_day()
    entries = [waits(session, at=NOON - timedelta(days=9 - day)) for day in range(5)]
    free(session, rests=timedelta(hours=4))

    [first] = offers()
    assert offers(now=NOON + timedelta(minutes=29)) == []
    decline(first, now=NOON + timedelta(minutes=29))
    [second] = offers(now=NOON + timedelta(minutes=29))
    after = second.expires_at
    [third] = offers(now=after)

    assert [first.entry, second.entry, third.entry] == entries[:3]
    assert offers(now=third.expires_at) == []
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.outcome, second.outcome) == ("declined", "lapsed")
    assert [one.is_live(now=after) for one in WaitingEntry.objects.order_by("joined_at")] == [True] * 5


def test_a_seat_goes_to_the_public_at_its_moment_and_never_later():
    session = office_day()
    waits(session)
    [seat] = free(session, rests=timedelta(minutes=70))
    offers()
    visible = NOON + timedelta(minutes=70)
    stranger = make.account()

    assert make.hold(stranger, seat.slot, now=visible - timedelta(seconds=1)).code == "full"
    assert make.hold(stranger, seat.slot, now=visible).ok  # no task ran since the offer ended


@pytest.mark.parametrize(
    ("rests", "now", "days", "why"),
    [
        (timedelta(minutes=29), NOON, 14, Skip.CANNOT_END_IN_TIME),
        (timedelta(minutes=20), NIGHT, 14, Skip.ASLEEP),
        (timedelta(hours=3), NIGHT, 14, None),
        (timedelta(hours=3), NOON, 1, None),
    ],
)
def test_nothing_is_offered_at_night_too_late_or_a_day_before(rests, now, days, why):
    session = office_day(days=days)
    entry = waits(session)
    free(session, at=now, rests=rests)

    assert offers(now=now) == []
    assert codes(entry) == ([why] if why else [])
    offers(now=now)
    assert WaitingReturn.objects.count() == len(codes(entry))


def test_a_family_gets_adjacent_seats_of_one_session_or_nothing():
    session = office_day(slots=3)
    family = waits(session, party=3, at=NOON - timedelta(days=3))
    single = waits(session)
    seats = free(session)
    Seat.objects.filter(pk=seats[2].pk).update(visible_at=NOON)  # the public has the third

    assert offered_to() == [single]
    assert codes(family) == [Skip.NOT_ENOUGH]
    other = office_day(slots=3)
    family = waits(other, party=3)
    freed = free(other)
    [offer] = offers()
    assert offer.entry == family
    assert Hold.objects.get(pk=offer.hold_id).seat_ids == [seat.pk for seat in freed]


def test_only_those_who_waited_can_be_put_on_the_seat():
    session = office_day()
    waits(session)
    free(session)
    [offer] = offers()

    request = make.confirm_request(offer.entry.account, offer.hold_id, [make.person(offer.entry.account)])
    assert claim_one(request, now=NOON).code == "other_people"
    assert as_it_stands(offer, now=NOON).is_open


def test_a_saved_person_who_was_renamed_or_removed_is_not_the_one_on_the_seat():
    session = office_day()
    entry = waits(session)
    person = entry.people.get().applicant
    type(person).objects.filter(pk=person.pk).update(given_names="Otra", identity_hash=b"x" * 32)
    free(session)
    [offer] = offers()

    [booked] = accept(offer, now=NOON)
    person.refresh_from_db()
    assert Appointment.objects.get(pk=booked).attendees.get().given_names != "Otra"
    assert person.given_names == "Otra"


def test_the_reason_for_each_skip_is_on_record():
    session = office_day(seats=2, group="passport")
    day = NOON - timedelta(days=3)
    local = (NOON + timedelta(days=14)).isoweekday()
    other_day = waits(session, at=day, weekdays=(local % 7 + 1,))
    full = waits(session, at=day + timedelta(minutes=1))
    for _ in range(5):
        make.book(full.account, make.slot(), now=NOON)
    booked = waits(session, at=day + timedelta(minutes=2), party=2)
    elsewhere = office_day(group="passport")
    held = make.hold(booked.account, elsewhere.slots.get(), now=NOON)
    first = booked.people.get(position=1)
    request = make.confirm_request(booked.account, held.facts["hold"], [make.saved(first.applicant)])
    assert claim_one(request, now=NOON).ok
    silent = waits(session, at=day + timedelta(minutes=3))
    type(silent.account).objects.filter(pk=silent.account_id).update(email_bounced_at=NOON)
    far = waits(session, at=day + timedelta(minutes=4), offices=(elsewhere.consulate_id,))
    last = waits(session)
    free(session, seats=2)

    assert offered_to() == [last]
    assert [codes(one) for one in (other_day, full, booked, silent, far)] == [
        [Skip.DOES_NOT_FIT],
        [Skip.FULL_PERMITS],
        [Skip.APPLICANT_BOOKED],
        [Skip.UNREACHABLE],
        [],
    ]


def test_who_freed_the_seat_is_not_offered_it():
    session = office_day(group="passport")
    booker = make.account()
    ids = make.book(booker, session.slots.get(), now=NOON)
    make.cancel(booker, *ids, now=NOON)
    Seat.objects.update(visible_at=NOON + timedelta(hours=3))
    freer = waits(session, account=booker, at=NOON - timedelta(days=3))
    other = waits(session)

    assert offered_to() == [other]
    assert codes(freer) == [Skip.FREED_IT]


def test_an_accepted_and_cancelled_seat_does_not_arm_the_old_offer_again():
    session = office_day()
    entry = waits(session)
    other = waits(session, at=NOON)
    [seat] = free(session)
    [offer] = offers()
    booked = accept(offer, now=NOON)
    later = NOON + timedelta(minutes=1)
    make.cancel(entry.account, *booked, now=later)
    Seat.objects.filter(pk=seat.pk).update(visible_at=later + timedelta(hours=3))

    [again] = offers(now=later)
    assert again.entry == other
    assert accept(offer, now=later) == booked  # a second tap: the same answer, and nothing is booked again
    assert Appointment.objects.exclude(pk__in=booked).filter(status="booked").count() == 0
    assert as_it_stands(again, now=later).is_open
    entry.refresh_from_db()
    assert not entry.is_live(now=later)


def one_more_seat(session, *, at):
    """Another session of the same office and procedure, whose one seat is let go of at ``at``."""
    more = make.session(
        starts_at=session.starts_at + timedelta(days=make.Session.objects.count()),
        consulate=session.consulate,
        procedures=[session.procedures.first()],
    )
    free(more, at=at)
    return more


def test_two_offers_left_move_behind_the_day_and_four_let_the_place_rest():
    session = office_day()
    day = NOON - timedelta(days=2)
    entries = [waits(session, at=day), waits(session, at=day)]
    later = waits(session)
    for run in (NOON - timedelta(minutes=2), NOON - timedelta(minutes=1)):
        days.tend(now=run)
    silent, same_day = WaitingEntry.objects.in_order().filter(pk__in=[one.pk for one in entries])
    served, at = [], NOON
    for _ in range(6):
        more = one_more_seat(session, at=at)
        [offer] = [one for one in offers(now=at) if one.session_id == more.pk]
        served.append(offer.entry_id)
        if offer.entry_id != silent.pk:
            accept(offer, now=at)
        Seat.objects.filter(slot__session=more).update(withdrawn_at=at)
        at += HALF_HOUR
    assert served == [silent.pk, silent.pk, same_day.pk, silent.pk, silent.pk, later.pk]
    silent.refresh_from_db()
    assert silent.paused_at is not None
    assert (silent.is_live(now=at), position_of(silent, now=at).ahead) == (True, 0)

    one_more_seat(session, at=at)
    assert offers(now=at) == []
    stay(entry=silent, now=at)
    assert offered_to(now=at) == [silent]


def test_whoever_is_brought_to_the_front_is_next():
    session = office_day()
    waits(session, at=NOON - timedelta(days=9))
    released = waits(session, at=NOON)
    to_the_front(released, None, "released by the office", NOON)
    released.refresh_from_db()
    free(session)

    assert position_of(released, now=NOON).ahead == 0
    assert offered_to() == [released]


def test_one_live_entry_for_account_mailbox_and_phone():
    session = office_day()
    entry = waits(session, account=make.account("rosa@gmail.com"))
    for account in (entry.account, make.account("ro.sa+otra@gmail.com")):
        with pytest.raises(WaitsAlready):
            waits(session, account=account)
    assert waits(office_day(), account=entry.account)  # another kind of procedure
    mine = [person.applicant for person in entry.people.all()]
    assert waits(session, account=entry.account, who=mine) == entry  # a second tap
    leave(entry=entry, now=NOON)
    assert waits(session, account=entry.account, at=NOON)


def test_linked_accounts_put_each_person_on_the_list_once():
    session = office_day()
    one, other, stranger = (make.account() for _ in range(3))
    for account in (one, other, stranger):
        make.person(account, "Ana")
    requests = [request_for(account, "link", channel="web") for account in (one, other)]
    link_accounts(requests, key=b"k" * 32, cap=5, now=NOON)
    waits(session, account=one, who=[one.applicants.get()])

    with pytest.raises(WaitsAlready):
        waits(session, account=other, who=[other.applicants.get()])
    assert waits(session, account=stranger, who=[stranger.applicants.get()])  # nobody is kept out by a namesake


def test_a_contact_that_two_entries_share_later_gives_one_offer():
    session = office_day(seats=2)
    first, second = waits(session, account=make.account("rosa@gmail.com")), waits(session, at=NOON)
    type(second.account).objects.filter(pk=second.account_id).update(email="ro.sa@gmail.com")
    free(session, seats=2)

    assert offered_to() == [first]
    assert WaitingEntry.objects.live(now=NOON).count() == 2


def test_who_has_an_appointment_or_no_contact_cannot_join():
    session = office_day()
    booker = make.account()
    person = make.person(booker, "Ana")
    held = make.hold(booker, session.slots.get(), now=NOON)
    assert claim_one(make.confirm_request(booker, held.facts["hold"], [person]), now=NOON).ok
    ana = booker.applicants.get()
    with pytest.raises(PersonBooked):
        waits(session, account=booker, who=[ana], at=NOON)
    silent = make.User.objects.create(registered_by=UserFactory(is_staff=True))
    with pytest.raises(Unreachable):
        waits(session, account=silent)


def test_entries_end_with_their_day_with_a_booking_or_by_hand():
    session = office_day(seats=3)
    until = (NOON + timedelta(days=3)).date()
    over, gone, pair = (waits(session, last_day=until), waits(session), waits(session, party=2))
    leave(entry=gone, now=NOON)
    held = make.hold(pair.account, session.slots.get(), now=NOON)
    one = pair.people.get(position=1).applicant
    request = make.confirm_request(pair.account, held.facts["hold"], [make.saved(one)])
    assert claim_one(request, now=NOON).ok
    assert offers(now=NOON + timedelta(days=5)) == []

    ends = dict(WaitingEntry.objects.values_list("pk", "end_reason"))
    assert ends == {over.pk: "over", gone.pk: "left", pair.pk: ""}
    without_booked(entry=pair, now=NOON + timedelta(days=5))
    pair.refresh_from_db()
    assert (pair.party, pair.people.get().position) == (1, 2)


def test_leaving_gives_the_offered_seat_to_the_next():
    session = office_day()
    entry, other = waits(session), waits(session, at=NOON)
    free(session)
    [offer] = offers()
    leave(entry=entry, now=NOON)

    offer.refresh_from_db()
    assert offer.outcome == OfferOutcome.WITHDRAWN
    assert offered_to() == [other]


def family(account, minors):
    """A mother and her children, saved."""
    told = [make.entry(), *(make.entry(guardian_name="Rosa Prueba") for _ in range(minors))]
    for child in told[1:]:
        object.__setattr__(child, "birth_date", date(2020, 5, 17))
    return [save_applicant(account=account, entry=one, today=make.NOW.date(), now=make.NOW) for one in told]


def test_a_family_of_six_waits_and_is_seated_whole_and_six_adults_are_none():
    session = office_day(seats=6)
    mother, six_adults = make.account(), make.account()
    with pytest.raises(NotOneFamily):
        waits(session, account=six_adults, party=6)
    entry = waits(session, account=mother, who=family(mother, 5))
    free(session, seats=5)
    assert offers() == []
    booker = make.account()
    assert make.cancel(booker, *make.book(booker, session.slots.get(), now=NOON), now=NOON).ok
    Seat.objects.filter(slot__session=session).update(visible_at=NOON + timedelta(hours=3))
    [offer] = offers()
    assert (offer.entry, len(accept(offer, now=NOON))) == (entry, 6)


def test_two_who_marry_wait_for_one_seat_and_are_named_on_it_both():
    session = office_day()
    session.procedures.update(min_applicants=2, max_applicants=2)
    with pytest.raises(WrongNumber):
        waits(session, party=3)
    account = make.account()
    couple = people(account, 2)
    entry = waits(session, account=account, who=couple)
    assert (entry.party, entry.people.count()) == (1, 2)
    free(session)
    [offer] = offers()
    [booked] = accept(offer, now=NOON)
    assert Appointment.objects.get(pk=booked).attendees.count() == 2
    entry.refresh_from_db()
    assert entry.end_reason == "booked"


def test_who_waits_together_waits_no_more_once_one_of_them_is_booked():
    session = office_day()
    session.procedures.update(min_applicants=2, max_applicants=2)
    account = make.account()
    couple = people(account, 2)
    entry = waits(session, account=account, who=couple)
    ApplicantClaim.objects.create(
        applicant=couple[0], procedure_group=entry.procedure_group, holder=uuid4(), until=NOON + timedelta(days=9)
    )
    offers()
    entry.refresh_from_db()
    assert entry.end_reason == "booked"


def day_shown(day):
    return shown_day(WaitingDay.objects.get(pk=day))


def test_nobody_alone_chooses_the_order_of_a_day_and_anybody_recomputes_it():
    session = office_day()
    entries = [waits(session, at=NOON) for _ in range(6)]
    today, over = day_of(NOON), NOON + timedelta(days=1)
    first = [entry.code for entry in WaitingEntry.objects.in_order()]
    days.tend(now=NOON)
    assert (day_shown(today).state, day_shown(today).facts.keys()) == ("joining", {"commitment_sha256"})
    days.tend(now=over)
    sealed = day_shown(today)
    assert (sealed.state, sealed.tickets, sealed.facts.get("secret")) == ("sealed", [], None)
    assert position_of(entries[0], now=over).place is None

    assert days.tend(now=over + timedelta(minutes=1)) == 1
    facts, tickets = day_shown(today).facts, day_shown(today).tickets
    assert {name: facts[name] for name in sealed.facts} == sealed.facts
    assert facts["commitment_sha256"] == sha256(bytes.fromhex(facts["secret"])).hexdigest()
    listed = "".join(f"{code}\n" for code in sorted(entry.code for entry in entries))
    assert facts["sealed_sha256"] == sha256(listed.encode()).hexdigest()
    assert facts["randomness"] == sha256(bytes.fromhex(facts["signature"])).hexdigest()
    parts = ["mexitel seed 1", facts["secret"], facts["sealed_sha256"], facts["randomness"]]
    assert facts["seed"] == sha256("".join(f"{part}\n" for part in parts).encode()).hexdigest()
    expected = [ticket.code for ticket in rank(bytes.fromhex(facts["seed"]), [Ticket(entry.code) for entry in entries])]
    assert tickets == expected == [entry.code for entry in WaitingEntry.objects.in_order()]
    alone = [ticket.code for ticket in rank(bytes.fromhex(facts["secret"]), [Ticket(code) for code in expected])]
    assert alone == first
    places = [position_of(entry, now=over).place for entry in WaitingEntry.objects.in_order()]
    assert places == [1, 2, 3, 4, 5, 6]
    assert days.tend(now=over + timedelta(days=3)) == 0


def test_a_beacon_that_stays_away_is_asked_now_and_then_and_after_a_day_said_openly(monkeypatch, client):
    asked = []

    def away(chain, number, *, now):
        asked.append(now)
        raise BeaconAway

    monkeypatch.setattr(days, "fetch", away)
    waits(office_day(), at=NOON)
    first = [entry.code for entry in WaitingEntry.objects.in_order()]
    over = NOON + timedelta(days=1)
    assert [days.tend(now=over + minutes * timedelta(minutes=1)) for minutes in (0, 1, 2, 7)] == [0, 0, 0, 0]
    assert asked == [over + timedelta(minutes=1), over + timedelta(minutes=7)]
    assert days.tend(now=over + timedelta(days=1)) == 1
    shown = day_shown(day_of(NOON))
    assert (shown.state, shown.tickets, shown.facts["seed"]) == ("alone", first, shown.facts["secret"])
    assert "No llegó ningún número público" in client.get(reverse("waiting_days")).text


def test_the_database_itself_refuses_what_must_never_be():
    session = office_day(seats=2)
    entry, other = waits(session), waits(session, at=NOON)
    free(session)
    [offer] = offers()
    [seat] = offer.seats.all()

    def again(**changes):
        row = {"offer": offer, "entry": other, "seat_id": seat.seat_id, "visible_at": seat.visible_at, "turn": 2}
        with pytest.raises(IntegrityError) as refused, transaction.atomic():
            WaitingOfferSeat.objects.create(**row | changes)
        return violated_constraint(refused.value)

    second = WaitingOffer.objects.create(
        entry=other, code="SECOND", hold_id=other.pk, session=session, starts_at=offer.starts_at, made_at=NOON,
        expires_at=NOON,
    )  # fmt: skip
    assert again(offer=second, turn=4) == "waiting_seat_three_turns_at_most"
    assert again(offer=second, turn=1) == "waiting_seat_turn_once"
    assert again(offer=second, entry=entry) == "waiting_seat_once_to_an_entry"
    third = WaitingOffer(
        entry=other, code="THIRD", hold_id=entry.pk, session=session, starts_at=NOON, made_at=NOON, expires_at=NOON
    )
    with pytest.raises(IntegrityError, match="waiting_one_open_offer"):
        third.save(force_insert=True)
