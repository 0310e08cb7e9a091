"""The shape of what anybody tells of an advert, and of what reviewers type about one."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from antifraud.adverts.addresses import normalised
from antifraud.adverts.phrases import BadPhrase, Phrase, from_lines
from antifraud.adverts.pictures import Picture
from antifraud.adverts.telling import Told, reporter_key
from antifraud.models import Ground, Platform, Post, PostState
from antifraud.models.adverts import LONGEST_ADDRESS, TO_REPORT
from antifraud.models.oversight import HIGHEST_GRADE, LEAST_GRADE
from mexitel.accounts.models import User
from mexitel.utils.forms import DatePartsField, PlainErrors
from mexitel.utils.time import now as clock

LONGEST_WORDS, LONGEST_NOTE = 4000, 500
OLDEST_SEEN = timedelta(days=366)
PICTURE_FIELD = "captura"

BAD_PICTURES: dict[str, Promise] = {
    "too_large": _("The picture is larger than 5 MB. Take a screenshot of the part that matters."),
    "empty": _("The picture is empty. Choose it again."),
    "not_readable": _("We cannot read that picture. Send a JPEG, PNG or WebP."),
    "too_many_pixels": _("The picture has too many pixels. Take a screenshot of the part that matters."),
}


class TellForm(PlainErrors, forms.Form):
    """Nothing is asked that the person may not know: the place, the words or a picture is enough."""

    where = forms.CharField(
        label=_("Where is it?"),
        help_text=_("Copy the address of the page or of the post. Or write where you saw it."),
        max_length=LONGEST_ADDRESS,
        required=False,
        widget=forms.TextInput(attrs={"autocapitalize": "off", "autocomplete": "off", "spellcheck": "false"}),
    )
    platform = forms.ChoiceField(
        label=_("On which site or application?"), required=False, choices=[("", _("I do not know")), *Platform.choices]
    )
    words = forms.CharField(
        label=_("What does it say?"),
        help_text=_("Copy the text of the advert. Do not write your own name."),
        max_length=LONGEST_WORDS,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    price = forms.DecimalField(
        label=_("How many dollars do they ask for?"), required=False, min_value=0, max_value=20_000, decimal_places=2,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "class": "govuk-input--width-5"}),
        error_messages={"invalid": _("Write only the number of dollars.")},
    )  # fmt: skip
    contact = forms.CharField(
        label=_("Which phone or e-mail does it give?"), help_text=_("That of whoever sells, not yours."),
        max_length=254, required=False,
    )  # fmt: skip
    seen_on = DatePartsField(label=_("Which day did you see it?"), required=False)
    reporter = forms.CharField(
        label=_("Your e-mail or phone"),
        help_text=_("Only if we may ask you something. You can leave it empty."),
        max_length=254,
        required=False,
    )

    def clean_seen_on(self) -> Any:
        day = self.cleaned_data["seen_on"]
        if day and day < (clock() - OLDEST_SEEN).date():
            raise ValidationError(_("That is more than a year ago. Tell us of adverts that are there now."))
        return day

    def clean_reporter(self) -> str:
        contact = self.cleaned_data["reporter"].strip()
        if contact and reporter_key(contact) is None:
            raise ValidationError(_("Write an e-mail such as name@example.com, or a phone of 10 digits."))
        return contact

    def told(self, picture: Picture | None) -> Told:
        return Told(**self.cleaned_data, picture=picture)

    def lacks_everything(self) -> bool:
        """Whether nothing says which advert it is."""
        return not any(self.cleaned_data.get(name, "").strip() for name in ("where", "words"))


class ReceiptForm(PlainErrors, forms.Form):
    number = forms.CharField(
        label=_("Number of your report"),
        help_text=_("For example: AV-7K3M9-QXD2A"),
        max_length=40,
        widget=forms.TextInput(attrs={"autocapitalize": "characters", "autocomplete": "off", "spellcheck": "false"}),
    )


class FilterForm(forms.Form):
    estado = forms.ChoiceField(
        label=_("State"),
        required=False,
        choices=[
            ("", _("Waits for us")),
            ("todos", _("All")),
            *((one.value, capfirst(one.label)) for one in PostState),
        ],
    )
    plataforma = forms.ChoiceField(label=_("Platform"), required=False, choices=[("", _("All")), *Platform.choices])


STEP_WORDS: dict[PostState, Promise] = {
    PostState.CONFIRMED: _("It sells appointments or misleads: confirm it"),
    PostState.REFUSED: _("It is nothing of the kind"),
    PostState.JOINED: _("It is the same as another one"),
    PostState.REMOVED: _("It is gone"),
    PostState.KEPT: _("The platform answered that it stays"),
    PostState.DECLINED: _("The platform did not look at it"),
    PostState.REAPPEARED: _("It is there again"),
}


def step_words(post: Post, became: PostState) -> Promise:
    if became == PostState.CONFIRMED and post.state in (PostState.KEPT, PostState.DECLINED):
        return _("Report it once more, with the next file")
    return _("I looked: it is still gone") if became == post.state else STEP_WORDS[became]


class StepForm(PlainErrors, forms.Form):
    """The steps that exist from where ``post`` stands, apart from reporting, which is what a file does."""

    was = forms.ChoiceField(choices=PostState.choices, widget=forms.HiddenInput)
    became = forms.ChoiceField(label=_("What becomes of it?"), widget=forms.RadioSelect)
    ground = forms.ChoiceField(
        label=_("What is wrong with it?"),
        help_text=_("The platform reads this."),
        choices=[("", "–"), *((one.value, capfirst(one.label)) for one in Ground)],
        required=False,
    )
    excerpt = forms.CharField(
        label=_("Text for the platform"),
        help_text=_("What the advert says, and nothing of whoever told us."),
        max_length=LONGEST_WORDS,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    joined_to = forms.TypedChoiceField(label=_("Which one?"), required=False, coerce=UUID, empty_value=None)
    reason = forms.CharField(
        label=_("Why?"),
        help_text=_("One or two sentences, without names. It stays in the record."),
        max_length=LONGEST_NOTE,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, *args: Any, post: Post, near: Sequence[tuple[Post, int]] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        after = post.may_become() - {PostState.REPORTED}
        if not near:
            after -= {PostState.JOINED}
        self.fields["became"].choices = [(one.value, step_words(post, one)) for one in PostState if one in after]  # type: ignore[attr-defined]
        self.fields["joined_to"].choices = [("", "–"), *((str(one.pk), short(one)) for one, _score in near)]  # type: ignore[attr-defined]
        self.initial = {"was": post.state, "excerpt": post.excerpt or post.words, "ground": post.ground}
        if not after & TO_REPORT:
            del self.fields["ground"], self.fields["excerpt"]
        if PostState.JOINED not in after:
            del self.fields["joined_to"]

    def clean(self) -> dict[str, Any]:
        told = super().clean() or {}
        if told.get("became") in TO_REPORT and "ground" in self.fields and not told.get("ground"):
            self.add_error("ground", _("Say what is wrong with it: the platform reads it."))
        if told.get("became") == PostState.JOINED and not told.get("joined_to"):
            self.add_error("joined_to", _("Choose the advert with which it is the same."))
        return told


def short(post: Post) -> str:
    """How a list names a post: its platform and where it is."""
    where = normalised(post.address) or post.place or post.words
    return f"{post.get_platform_display()}: {where[:70]}" if where else str(post.get_platform_display())


class AssignForm(PlainErrors, forms.Form):
    to = forms.ModelChoiceField(label=_("To whom?"), queryset=User.objects.none(), empty_label=None)

    def __init__(self, *args: Any, people: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to"].queryset = people  # type: ignore[attr-defined]


class LinkForm(PlainErrors, forms.Form):
    """``cases`` are those that know the advert's contact; there is no field for any other number."""

    case = forms.TypedChoiceField(label=_("Which case?"), coerce=int, widget=forms.RadioSelect)
    grade = forms.TypedChoiceField(
        label=_("How much is it worth, in bits?"),
        help_text=_("Your word for colleagues. It changes no score."),
        choices=[(bits, str(bits)) for bits in range(LEAST_GRADE, HIGHEST_GRADE + 1)],
        coerce=int,
    )
    reason = forms.CharField(
        label=_("Why does it belong there?"),
        help_text=_("One or two sentences, without names. It stays in the record."),
        max_length=LONGEST_NOTE,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, *args: Any, cases: Iterable[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["case"].choices = list(cases)  # type: ignore[attr-defined]


class ExportForm(PlainErrors, forms.Form):
    platform = forms.ChoiceField(choices=Platform.choices, widget=forms.HiddenInput)


BAD_PHRASES: dict[str, Promise] = {
    "shape": _("Line %(line)s: write points, language and phrase, with | between them."),
    "points": _("Line %(line)s: points go from -10 to 10, without 0."),
    "language": _("Line %(line)s: the language is es or en."),
    "words": _("Line %(line)s: a phrase has words of at least three letters, and begins and ends with one."),
    "twice": _("Line %(line)s: that phrase is there already."),
    "many": _("Line %(line)s: there are more than 300 phrases."),
    "none": _("Write at least one phrase."),
}


class PhrasesForm(PlainErrors, forms.Form):
    lines = forms.CharField(
        label=_("Phrases"),
        help_text=_("One a line: points | language | phrase | note. * ends a word, … is up to three words between."),
        max_length=60_000,
        widget=forms.Textarea(attrs={"rows": 24, "spellcheck": "false", "class": "ax-lines"}),
    )
    note = forms.CharField(
        label=_("What changes, and why"),
        help_text=_("One or two sentences. It stays in the record."),
        max_length=LONGEST_NOTE,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    after = forms.IntegerField(widget=forms.HiddenInput)

    def clean_lines(self) -> list[Phrase]:
        try:
            return from_lines(self.cleaned_data["lines"])
        except BadPhrase as bad:
            raise ValidationError(str(BAD_PHRASES[bad.code]), params={"line": bad.line}) from bad


class TryForm(PlainErrors, forms.Form):
    words = forms.CharField(
        label=_("Try a text"), max_length=LONGEST_WORDS, widget=forms.Textarea(attrs={"rows": 3}), required=False
    )


class BaselineForm(PlainErrors, forms.Form):
    first = DatePartsField(label=_("From the week of"), first_year=2021)
    last = DatePartsField(label=_("To the week of"), first_year=2021)
    note = forms.CharField(
        label=_("Why these weeks?"),
        help_text=_("Everybody reads it beside the figures."),
        max_length=LONGEST_NOTE,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def clean(self) -> dict[str, Any]:
        told = super().clean() or {}
        first, last = told.get("first"), told.get("last")
        if first and last and first > last:
            self.add_error("last", _("The last week comes after the first."))
        if first and last and last - first > timedelta(days=2 * 366):
            self.add_error("last", _("At most two years."))
        return told
