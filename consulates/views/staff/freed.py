"""What becomes of the places that people give up: back to the public by themselves, or into the office's next draw."""

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from consulates.access import StaffRequest, staff_page
from consulates.models import Consulate, FreedIntoDraw, Gate, Release
from consulates.roles import May
from consulates.services.freed import puts_into_draws, set_freed_policy
from mexitel.accounts.access import person
from mexitel.utils.forms import PlainErrors
from mexitel.utils.time import now as clock

TO_ALL, INTO_DRAWS = "todos", "sorteo"


class FreedForm(PlainErrors, forms.Form):
    destino = forms.ChoiceField(
        label=gettext_lazy("Where does a place go that somebody gives up?"),
        choices=[
            (TO_ALL, gettext_lazy("Back to everybody, by day, at a moment that nobody knows")),
            (INTO_DRAWS, gettext_lazy("Into the next announced draw of this office")),
        ],
        widget=forms.RadioSelect,
        error_messages={
            "required": gettext_lazy("Choose one of the two."),
            "invalid_choice": gettext_lazy("Choose one of the two."),
        },
    )


@require_http_methods(["GET", "POST"])
@staff_page(May.PUBLISH)
def staff_freed(request: StaffRequest, office: Consulate) -> HttpResponse:
    now = clock()
    chosen = INTO_DRAWS if puts_into_draws(office) else TO_ALL
    form = FreedForm(request.POST if request.method == "POST" else None, initial={"destino": chosen})
    if request.method == "POST" and form.is_valid():
        into_draws = form.cleaned_data["destino"] == INTO_DRAWS
        if set_freed_policy(office=office, into_draws=into_draws, by=person(request), now=now):
            messages.success(request, _("Saved. It counts for what is given up from now on."))
        return redirect("staff_freed", office.code)
    draws = Release.objects.to_come(now=now).filter(mode=Gate.DRAW, consulates=office)
    context = {
        "office": office,
        "form": form,
        "draws": [(draw, FreedIntoDraw.objects.filter(release=draw).coming_in(now=now).count()) for draw in draws],
    }
    return render(request, "staff/planning/freed.html", context, status=422 if form.errors else 200)


urlpatterns = [path("oficinas/<slug:code>/planeacion/lugares-devueltos/", staff_freed, name="staff_freed")]
