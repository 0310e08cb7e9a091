"""Blocks on screen: what a blocked person reads, and the reviewer's pages, on a phone and on a desk."""

import pytest
from django.urls import reverse

from antifraud.models import Appeal, Block, BlockState
from consulates.models import Role
from tests.browser.hands import enter, look
from tests.factories.accounts import UserFactory
from tests.factories.blocks import blocked, proposed
from tests.factories.staff import staff_with

pytestmark = pytest.mark.browser


def test_blocked_person_reads_why_and_asks_for_a_review(page, live_db, portal, axe, shoot):
    account = UserFactory(email="ana@venta.example")
    blocked("domain", "venta.example")
    enter(page, portal, account)
    look(page, portal, axe, shoot, "mine", reverse("my_appointments"))
    look(page, portal, axe, shoot, "why", reverse("own_block"))
    page.fill("[name=words]", "Saco citas para mis hijos.")
    page.get_by_role("button", name="Pedir una revisión").click()
    page.get_by_text("Espera respuesta").wait_for()
    assert Appeal.objects.get().words == "Saco citas para mis hijos."
    look(page, portal, axe, shoot, "asked", reverse("own_block"))


def test_reviewer_confirms_a_batch_with_one_key(page, live_db, portal, axe, shoot):
    blocks = [proposed("mailbox", f"buzon{n}@gmail.com") for n in range(3)]
    UserFactory(email="b.uzon1@gmail.com")
    enter(page, portal, staff_with(Role.REVIEWER))
    look(page, portal, axe, shoot, "new", reverse("staff_block_new"))
    look(page, portal, axe, shoot, "one", reverse("staff_block", args=[blocks[0].pk]))
    look(page, portal, axe, shoot, "appeals", reverse("staff_appeals"))
    look(page, portal, axe, shoot, "list", reverse("staff_blocks"))
    for block in blocks:
        page.check(f"#b-{block.pk}")
    page.get_by_role("button", name="Ver a quiénes alcanzarían los elegidos").click()
    page.get_by_role("heading", level=1, name="Confirmar 3 bloqueos").wait_for()
    axe(page)
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert Block.objects.filter(state=BlockState.CONFIRMED).count() == 3
