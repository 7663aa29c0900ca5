"""Django's entry of this room."""

from __future__ import annotations

from django.apps import AppConfig


class TravelConfig(AppConfig):
    name = "chunfeng.apps.travel"
    label = "travel"

    def ready(self) -> None:
        from chunfeng.apps.intake import runs
        from chunfeng.apps.travel import loading, unplanned

        runs.register("travel", loading.load)
        runs.register("travel.unplanned", unplanned.load)
