"""When drafts become bookable, and when a notice is shown: moments in the office's zone."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from consulates.models import Consulate, NoticeLevel
from mexitel.utils.forms import PlainErrors

from .fields import MomentField, in_utc


class PublishForm(PlainErrors, forms.Form):
    when = forms.ChoiceField(
        label=_("When can they be booked?"), widget=forms.RadioSelect, initial="later",
        choices=[("later", _("On a day and at an hour that people can know before")), ("now", _("At once"))],
    )  # fmt: skip
    moment = MomentField(label=_("Day and hour, in the office's zone"), required=False)

    def __init__(self, *args: Any, office: Consulate, now: datetime, **kwargs: Any) -> None:
        self.office, self.now = office, now
        super().__init__(*args, **kwargs)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        data["opens_at"] = None
        if data.get("when") == "later" and "moment" not in self.errors:
            if not data.get("moment"):
                self.add_error("moment", _("Write the day and the hour at which they open."))
                return data
            data["opens_at"] = opens_at = in_utc(self, "moment", self.office.time_zone)
            if opens_at and opens_at <= self.now:
                self.add_error("moment", _("That moment is past. Choose a later one, or “At once”."))
        return data


class NoticeForm(PlainErrors, forms.Form):
    level = forms.ChoiceField(label=_("How important"), choices=NoticeLevel.choices, widget=forms.RadioSelect)
    title_es = forms.CharField(label=_("Title in Spanish"), max_length=100)
    text_es = forms.CharField(label=_("Text in Spanish"), max_length=500, widget=forms.Textarea(attrs={"rows": 3}))
    title_en = forms.CharField(label=_("Title in English"), max_length=100)
    text_en = forms.CharField(label=_("Text in English"), max_length=500, widget=forms.Textarea(attrs={"rows": 3}))
    starts = MomentField(label=_("Shown from"))
    ends = MomentField(label=_("Shown until"))

    def __init__(self, *args: Any, zone_name: str, **kwargs: Any) -> None:
        self.zone_name = zone_name
        super().__init__(*args, **kwargs)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        data["starts_at"] = in_utc(self, "starts", self.zone_name)
        data["ends_at"] = in_utc(self, "ends", self.zone_name)
        if data["starts_at"] and data["ends_at"] and data["ends_at"] <= data["starts_at"]:
            self.add_error("ends", _("The notice ends after it starts."))
        return data
