"""Django's entry of this room."""

from __future__ import annotations

from django.apps import AppConfig


class RecognitionConfig(AppConfig):
    name = "chunfeng.apps.recognition"
    label = "recognition"

    def ready(self) -> None:
        from chunfeng.apps.intake import runs
        from chunfeng.apps.recognition import loading

        runs.register("recognition", loading.load)
