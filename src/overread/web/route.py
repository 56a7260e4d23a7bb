"""What an address is: a path, a view, the right that it needs."""

from dataclasses import dataclass

from django.urls import URLPattern, path
from django.views.decorators.http import require_http_methods

from overread.web.access import Right, View, guard

POST = ("POST",)
FORM = ("GET", "HEAD", "POST")
UPLOAD = ("HEAD", "PATCH", "POST", "DELETE")


@dataclass(frozen=True)
class Route:
    path: str
    view: View
    right: Right
    name: str
    methods: tuple[str, ...] = ("GET", "HEAD")

    def pattern(self) -> URLPattern:
        view = require_http_methods(list(self.methods))(guard(self.right, self.view))
        return path(self.path, view, name=self.name)
