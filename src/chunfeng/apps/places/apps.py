"""Django's entry of this room."""

from __future__ import annotations

from django.apps import AppConfig
from django.conf import settings


class PlacesConfig(AppConfig):
    name = "chunfeng.apps.places"
    label = "places"

    def ready(self) -> None:
        from chunfeng.apps.places import scoped

        if not settings.AS_OWNER:
            scoped.watch_connections()
