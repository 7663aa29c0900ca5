"""Django's entry of this room."""

from __future__ import annotations

from django.apps import AppConfig


class TravelConfig(AppConfig):
    name = "chunfeng.apps.travel"
    label = "travel"
