"""The equivalence table of mail providers, and how far each of the two rules goes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mexitel.utils.emails import PROVIDERS, canonical_email, mailbox

NAMES = st.text("abcdefghijklmnopqrstuvwxyz0123456789.+-", min_size=1, max_size=20)


@pytest.mark.parametrize(
    ("typed", "canonical"),
    [
        (" Ana.Ruiz@Gmail.com ", "anaruiz@gmail.com"),
        ("ana.ruiz+citas@googlemail.com", "anaruiz@gmail.com"),
        ("ana+x@outlook.com", "ana@outlook.com"),
        ("ana.ruiz@hotmail.com", "ana.ruiz@hotmail.com"),
        ("ana@me.com", "ana@icloud.com"),
        ("a.na+x@pm.me", "ana@proton.me"),
        ("shop@ana.fastmail.com", "ana@fastmail.com"),
        ("ana-shop@yahoo.com.mx", "ana@yahoo.com.mx"),
        ("ana+citas@example.com", "ana+citas@example.com"),
        ("ana@EXAMPLE.com.", "ana@example.com"),
        ("ana@españa.es", "ana@xn--espaa-rta.es"),
    ],
)
def test_canonical_email_merges_what_the_provider_promises(typed, canonical):
    assert canonical_email(typed) == canonical


def test_strangers_at_one_company_stay_strangers():
    assert len({canonical_email(f"ana@{domain}") for domain in ("outlook.com", "hotmail.com", "live.com")}) == 3
    assert canonical_email("ana@yahoo.com") != canonical_email("ana@ymail.com")


def test_mailbox_drops_tags_everywhere():
    assert mailbox("ana+citas@example.com") == "ana@example.com"
    assert mailbox("a.na+citas@example.com") != mailbox("ana@example.com")
    assert mailbox("+citas@example.com") == "+citas@example.com"


@given(NAMES, st.sampled_from([*PROVIDERS, "example.com"]))
def test_both_rules_leave_their_own_answer_alone(local, domain):
    for rule in (canonical_email, mailbox):
        once = rule(f"{local}@{domain}")
        assert rule(once) == once
