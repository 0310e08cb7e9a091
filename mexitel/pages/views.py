"""Everyday pages: they explain, they never write."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

View = Callable[[HttpRequest], HttpResponse]


def page(name: str) -> View:
    """A page that is only its template."""

    def view(request: HttpRequest) -> HttpResponse:
        return render(request, f"pages/{name}.html")

    view.__name__ = name
    return view


def home(request: HttpRequest) -> HttpResponse:
    return render(request, "pages/home.html")


contact = page("contact")
status = page("status")
patterns = page("patterns")
