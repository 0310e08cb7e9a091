"""Two workers tend the list at the same moment, and one is killed in the middle of an offer."""

from datetime import timedelta

import pytest

from appointments.models import Hold, WaitingOffer, WaitingOfferSeat
from appointments.waiting import tender
from appointments.waiting.answering import accept
from appointments.waiting.joining import leave
from tests.appointments.waiting_scene import NOON, free, office_day, waits
from tests.races.together import errors, together


def test_workers_at_once_offer_each_seat_once_and_each_entry_one(live_db):
    session = office_day(seats=3)
    entries = [waits(session, at=NOON - timedelta(days=8 - day)) for day in range(6)]
    free(session, seats=3)

    results = together([lambda: tender.tend(now=NOON)] * 4)

    assert errors(results) == []
    offers = list(WaitingOffer.objects.all())
    seats = [seat for offer in offers for seat in Hold.objects.get(pk=offer.hold_id).seat_ids]
    assert (len(offers), len(set(seats))) == (3, 3)
    assert {offer.entry_id for offer in offers} == {entry.pk for entry in entries[:3]}
    assert set(WaitingOfferSeat.objects.values_list("turn", flat=True)) == {1}


def test_accepting_and_leaving_at_once_has_one_winner(live_db):
    session = office_day()
    entry = waits(session)
    free(session)
    tender.tend(now=NOON)
    offer = WaitingOffer.objects.select_related("entry__account", "session").get()

    together([lambda: accept(offer, now=NOON), lambda: leave(entry=entry, now=NOON)])

    entry.refresh_from_db()
    hold = Hold.objects.get(pk=offer.hold_id)
    tender.tend(now=NOON)
    offer.refresh_from_db()
    assert (hold.outcome, offer.outcome) in {("confirmed", "accepted"), ("released", "withdrawn")}


def test_a_worker_that_dies_in_an_offer_leaves_nothing_and_the_next_goes_on(live_db, monkeypatch):
    session = office_day()
    entry = waits(session)
    [seat] = free(session)

    def dies(**_facts):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(tender, "publish", dies)
        with pytest.raises(KeyboardInterrupt):
            tender.tend(now=NOON)
    seat.refresh_from_db()
    assert (seat.holder, WaitingOffer.objects.count(), Hold.objects.filter(origin="waiting").count()) == (None, 0, 0)

    tender.tend(now=NOON)
    assert WaitingOffer.objects.get().entry_id == entry.pk
