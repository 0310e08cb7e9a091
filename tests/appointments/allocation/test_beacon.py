import http.server
import json
import threading
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest

from appointments.allocation.beacon import LOCAL, QUICKNET, chain_in_use, chain_named, fetch
from appointments.allocation.errors import BeaconAway

# Rounds that the League of Entropy published: number, signature, randomness.
PUBLISHED = [
    (
        123,
        "b75c69d0b72a5d906e854e808ba7e2accb1542ac355ae486d591aa9d43765482e26cd02df835d3546d23c4b13e0dfc92",
        "fb8f7bc29bf24db51871ec8c79f3a1e4bd0557bc0dfcee9ed1d924e69d1c60dc",
    ),
    (
        1000,
        "b44679b9a59af2ec876b1a6b1ad52ea9b1615fc3982b19576350f93447cb1125e342b73a8dd2bacbe47e4b6b63ed5e39",
        "fe290beca10872ef2fb164d2aa4442de4566183ec51c56ff3cd603d930e54fdd",
    ),
    (
        657413,
        "b713718a38ae728dfd477991af2822e08d2f305e47718cef9f7848ce4050e7be41076862b98fad56e91a6b85b89cd97b",
        "fc1873a13f3545aeade8401532ef5519920652eee6b0d2b19ca12643b87b3587",
    ),
]
NOW = datetime(2027, 1, 5, 18, tzinfo=UTC)


@pytest.mark.parametrize(("number", "signature", "randomness"), PUBLISHED)
def test_published_round_is_good_and_no_other_round_has_its_signature(number, signature, randomness):
    assert QUICKNET.check(number, bytes.fromhex(signature))
    assert not QUICKNET.check(number + 1, bytes.fromhex(signature))


@pytest.mark.parametrize(
    "signature",
    [
        PUBLISHED[0][1][:-1] + "3",  # another point, or none
        "a" + PUBLISHED[0][1][1:],  # the same point mirrored
        "c0" + "00" * 47,  # the point at infinity, which pairs with everything
        PUBLISHED[0][1][:-2],
        PUBLISHED[0][1] + "00",
        "",
    ],
)
def test_tampered_signature_is_refused(signature):
    assert not QUICKNET.check(123, bytes.fromhex(signature))


def test_round_of_a_list_is_the_first_after_the_margin():
    assert QUICKNET.begins(1) == datetime.fromtimestamp(1692803367, UTC)
    number = QUICKNET.round_after(NOW)
    assert NOW + timedelta(seconds=30) < QUICKNET.begins(number) <= NOW + timedelta(seconds=33)
    late = QUICKNET.begins(number) - timedelta(seconds=30)
    assert QUICKNET.round_after(late) == number + 1, "a round at the very margin may be known already"


@contextmanager
def server(answers):
    """A drand server of this machine; ``answers`` are what it says, by path."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            found = answers.get(self.path)
            self.send_response(200 if found else 404)
            self.end_headers()
            self.wfile.write(found or b"")

        def log_message(self, *args):
            pass

    asked = []
    running = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{running.server_port}", asked
    finally:
        running.shutdown()
        running.server_close()
        thread.join()


def test_server_that_lies_or_is_away_is_passed_over(settings):
    path = f"/{QUICKNET.identity}/public/1000"
    honest = json.dumps({"round": 1000, "signature": PUBLISHED[1][1], "randomness": "ignored"}).encode()
    lie = json.dumps({"round": 1000, "signature": PUBLISHED[0][1]}).encode()
    with server({path: lie}) as (liar, lied), server({path: honest}) as (good, _), server({}) as (empty, _):
        settings.DRAND_URLS = ["http://127.0.0.1:9", empty, liar, good]
        assert fetch(QUICKNET, 1000, now=NOW).randomness.hex() == PUBLISHED[1][2]
        assert lied == [path]
        settings.DRAND_URLS = ["ftp://127.0.0.1", empty, liar]
        with pytest.raises(BeaconAway):
            fetch(QUICKNET, 1000, now=NOW)


def test_round_that_has_not_begun_is_not_asked_for(settings):
    settings.DRAND_URLS = []
    with pytest.raises(BeaconAway, match="not begun"):
        fetch(QUICKNET, QUICKNET.round_after(NOW), now=NOW)


def test_local_beacon_is_a_demonstration_that_says_so_and_keeps_its_time():
    chain = chain_in_use()
    assert (chain.name, chain.is_demonstration) == (LOCAL, True)
    number = chain.round_after(NOW)
    with pytest.raises(BeaconAway):
        fetch(chain, number, now=NOW)
    later = NOW + timedelta(seconds=3)
    assert fetch(chain, number, now=later) == fetch(chain_named(LOCAL), number, now=later)
    signature = fetch(chain, number, now=later).signature
    assert chain.check(number, signature)
    assert not chain.check(number + 1, signature)
