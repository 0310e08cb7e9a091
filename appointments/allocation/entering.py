"""The round of the beacon, entered by two people where this server has no way out to the network.

Nobody has to be trusted: the signature is checked each time, and each round has one alone. Two people, because whoever
enters it decides when it is drawn.
"""

from datetime import datetime

from django import forms
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from appointments.allocation.beacon import Pulse, chain_named
from appointments.allocation.drawing import take_round
from appointments.allocation.errors import NotSealed, WrongRound
from appointments.models import Drawing, EnteredRound
from mexitel.accounts.models import User
from mexitel.audit.services import record


class EnterForm(forms.Form):
    signature = forms.CharField(
        label=_("Signature of the round"),
        max_length=300,
        help_text=_("Letters and digits, as the page of the beacon shows them after “signature”."),
        widget=forms.Textarea(attrs={"rows": 3, "autocomplete": "off", "spellcheck": "false"}),
    )

    def clean_signature(self) -> bytes:
        """As people copy it: with blanks, line ends and quotes around it."""
        text = "".join(self.cleaned_data["signature"].split()).strip('",').lower()
        try:
            return bytes.fromhex(text)
        except ValueError:
            message = _("A signature has the digits 0 to 9 and the letters a to f, in pairs.")
            raise forms.ValidationError(message, code="not_hexadecimal") from None


def enter(drawing: Drawing, *, signature: bytes, actor: User, now: datetime) -> bool:
    """Note what ``actor`` entered; True once two people have, and the draw is made. Raises WrongRound for a signature
    that is not the promised round's, or before that round has begun.
    """
    if drawing.sealed_at is None or drawing.round is None:
        raise NotSealed
    chain, pulse = chain_named(drawing.beacon.split()[0]), Pulse(drawing.round, signature)
    if now < chain.begins(drawing.round) or not chain.check(*pulse):
        raise WrongRound
    with transaction.atomic():
        _line, is_new = EnteredRound.objects.get_or_create(
            drawing=drawing, by=actor, defaults={"signature": signature, "at": now}
        )
        if is_new:
            record(actor=actor, action="drawing.enter", target=drawing, now=now, detail={"round": drawing.round})
        people = EnteredRound.objects.filter(drawing=drawing).count()
    if people > 1:
        take_round(drawing.release, now, pulse)
    return people > 1
