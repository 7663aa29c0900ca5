"""Django's entry of this room."""

from __future__ import annotations

from django.apps import AppConfig


class RegistryConfig(AppConfig):
    name = "chunfeng.apps.registry"
    label = "registry"

    def ready(self) -> None:
        from chunfeng.apps.audit import history
        from chunfeng.apps.intake import runs
        from chunfeng.apps.registry import loading, marks, models

        runs.register("registry", loading.load)
        runs.register("registry marks", marks.load)
        history.watch(models.Person, ignore=("updated",))
