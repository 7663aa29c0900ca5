"""What no form of ours sends and the database cannot hold is refused at the door."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse


class NoNullCharactersMiddleware:
    """400 for a null character in the query or in a form: a text in PostgreSQL cannot hold it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> None:
        for given in (request.GET, request.POST):
            for name, values in given.lists():
                if "\0" in name or any("\0" in value for value in values):
                    raise BadRequest("null character")
