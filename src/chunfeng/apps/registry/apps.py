"""Django's entry of this room."""

from __future__ import annotations

from django.apps import AppConfig


class RegistryConfig(AppConfig):
    name = "chunfeng.apps.registry"
    label = "registry"

    def ready(self) -> None:
        from chunfeng.apps.audit import history
        from chunfeng.apps.intake import brakes, runs
        from chunfeng.apps.registry import afterwards, exporting, known, loading, marks, models, naming, state

        runs.register("registry", loading.load)
        runs.register("registry marks", marks.load)
        runs.register("registry elsewhere", afterwards.ask)
        runs.register_state("decisions.csv", state.decisions)
        runs.register_inputs("corrections", state.corrections)
        brakes.register_known(known.known)
        exporting.register()
        naming.register()
        history.watch(models.Person, ignore=("updated",))
