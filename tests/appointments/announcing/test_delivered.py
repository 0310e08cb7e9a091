"""What became of a promise, from the same rows as the bookings, without telling who booked."""

import json
from datetime import timedelta

import pytest

from appointments.announcing.delivered import counted
from appointments.views import delivered as pages
from consulates.models import Seat, Slot
from mexitel.utils import published
from mexitel.utils.cells import suppressed
from tests.factories import appointments as make
from tests.factories import release_drafts, releases

NOW = make.NOW


@pytest.fixture
def opened(db):
    """Six places at one time, open since now."""
    return releases.release(make.session(seats=6), mode="open")


def book_all(release, *, now=NOW):
    """Six people, one place each; who booked what."""
    [slot] = releases.times_of(release)
    people = [make.account() for _each in range(6)]
    return {account: make.book(account, slot, now=now) for account in people}


def test_it_counts_what_opened_and_how_it_went(opened):
    [slot] = releases.times_of(opened)
    for account, appointments in list(book_all(opened).items())[:5]:
        make.cancel(account, *appointments, now=NOW)
    assert counted(opened, now=NOW)["taken"] is None  # one person: too few to show
    for _each in range(5):
        make.book(make.account(), slot, now=NOW + timedelta(days=1))  # whatever the hour of the run: they rest by day

    found = counted(opened, now=NOW)
    assert (found["opened_seats"], found["withheld_seats"]) == (6, 0)
    assert (found["bookings"], found["taken"], found["given_up"], found["given_again"]) == (11, 6, 5, 5)
    assert found["by_channel"] == {"web": 11, "api": 0, "phone": 0, "counter": 0}


def test_what_was_taken_away_after_the_promise_is_told(opened):
    seats = Seat.objects.filter(slot__session__release=opened).values_list("pk", flat=True)
    Seat.objects.filter(pk=seats[0]).update(withdrawn_at=NOW)
    Seat.objects.filter(pk=seats[1]).update(withdrawn_at=opened.announced_at - timedelta(days=1))  # it was no part
    found = counted(opened, now=NOW)
    assert (found["opened_seats"], found["withheld_seats"]) == (4, 1)


def test_what_opens_later_than_promised_shows_so(opened, client, monkeypatch):
    monkeypatch.setattr(pages, "clock", lambda: NOW)
    assert "A tiempo" in client.get(f"/aperturas/{opened.pk}/cumplimiento/").content.decode()
    Slot.objects.filter(session__release=opened).update(opens_at=NOW + timedelta(hours=1))
    published.path_of(f"datos/cumplimiento/{opened.pk}.json").unlink()
    assert "A tiempo" not in client.get(f"/aperturas/{opened.pk}/cumplimiento/").content.decode()


@pytest.mark.parametrize(
    ("counts", "cells"),
    [
        ({"web": 40, "phone": 0, "api": 6}, {"web": 40, "phone": 0, "api": 6}),
        ({"web": 40, "phone": 3, "api": 6}, {"web": 40, "phone": None, "api": None}),
        ({"web": 40, "phone": 3, "api": 2}, {"web": 40, "phone": None, "api": None}),
        ({"web": 4, "phone": 0, "api": 0}, {"web": None, "phone": 0, "api": 0}),
    ],
)
def test_few_people_are_left_out_and_do_not_follow_from_the_rest(counts, cells):
    assert suppressed(counts) == cells


def test_the_page_checks_its_own_signature(client, db, monkeypatch):
    monkeypatch.setattr(pages, "clock", lambda: NOW)
    release = release_drafts.announce(release_drafts.draft())
    page = f"/aperturas/{release.pk}/cumplimiento/"
    assert "La firma es buena." in client.get(page).content.decode()
    release.offices.update(seats=1)
    assert "La página no dice lo que se firmó" in client.get(page).content.decode()
    said = json.loads(client.get(f"/aperturas/{release.pk}/anuncio.json").content)
    assert said["said"]["offices"][0]["seats"] > 1


def test_the_file_is_given_without_the_database(client, opened, monkeypatch, django_assert_num_queries):
    monkeypatch.setattr(pages, "clock", lambda: NOW)
    path = f"/datos/cumplimiento/{opened.pk}.json"
    first = client.get(path).json()
    with django_assert_num_queries(0):
        assert client.get(path).json() == first
    assert client.get("/datos/cumplimiento/999999.json").status_code == 404


def test_a_draft_promised_nothing(client, db):
    assert client.get(f"/aperturas/{release_drafts.draft().pk}/cumplimiento/").status_code == 404
