"""What a finished rehearsal says, made ready for its page: counts in order, reasons in words, bookers masked."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from antifraud.models import Rehearsal, RehearsalState
from antifraud.oversight.comparing import NEWLY, NO_LONGER
from antifraud.oversight.words import sentence
from mexitel.accounts.addresses import masked
from mexitel.accounts.models import User

ROWS = 50


@dataclass(frozen=True)
class Way:
    """Newly hit, or no longer hit. ``counts``: {key, value} as components/summary_list.html draws them; ``reasons``:
    code, sentence and how many appointments; ``bookers``: account number, mask, appointments and codes.
    """

    title: str
    nobody: str
    counts: list[dict[str, Any]]
    reasons: list[tuple[str, str, int]]
    bookers: list[tuple[str, str, int, str]]


def rehearsal_rows(rehearsal: Rehearsal) -> list[Way]:
    """Nothing until it is done."""
    if rehearsal.state != RehearsalState.DONE:
        return []
    masks = _masks({row["account"] for row in rehearsal.rows})
    words = {
        NEWLY: (_("Newly hit"), _("Nobody would be newly hit.")),
        NO_LONGER: (_("No longer hit"), _("Everybody who is hit today would still be hit.")),
    }
    return [
        Way(
            title, nobody, _counts(rehearsal.numbers[way]),
            [(code, sentence(code), count) for code, count in rehearsal.numbers[way]["reasons"].items()],
            [
                (row["account"], masks.get(row["account"], ""), row["appointments"], ", ".join(row["reasons"]))
                for row in rehearsal.rows if row["way"] == way
            ][:ROWS],
        )
        for way, (title, nobody) in words.items()
    ]  # fmt: skip


def _counts(hit: dict[str, Any]) -> list[dict[str, Any]]:
    if not hit["appointments"]:
        return []
    words = {
        "appointments": _("Appointments"), "accounts": _("Bookers"), "families": _("Families, by surnames"),
        "with_minors": _("Families with minors"), "helpers": _("Helpers and drives"),
        "terminals": _("Public computers"),
    }  # fmt: skip
    return [{"key": word, "value": hit[name]} for name, word in words.items()]


def _masks(accounts: set[str]) -> dict[str, str]:
    numbers = [int(one) for one in accounts if one.isdigit()]
    found = User.objects.filter(pk__in=numbers).only("email", "phone")
    return {str(one.pk): masked(one.email or one.phone) for one in found if one.email or one.phone}
