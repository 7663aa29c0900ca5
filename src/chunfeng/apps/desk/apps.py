"""Django's entry of this room."""

from __future__ import annotations

from django.apps import AppConfig


class DeskConfig(AppConfig):
    name = "chunfeng.apps.desk"
    label = "desk"

    def ready(self) -> None:
        from chunfeng.apps.campaigns import measured
        from chunfeng.apps.desk import loading
        from chunfeng.apps.desk.measures import named
        from chunfeng.apps.intake import runs

        runs.register("desk", loading.load)
        measured.register(named)
