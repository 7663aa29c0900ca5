"""Addresses of this room."""

from __future__ import annotations

from django.urls import path

from chunfeng.apps.registry.views import persons

urlpatterns = [
    path("", persons.persons, name="registry"),
]
