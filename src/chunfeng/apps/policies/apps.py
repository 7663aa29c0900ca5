"""Django's entry of this room."""

from __future__ import annotations

from django.apps import AppConfig


class PoliciesConfig(AppConfig):
    name = "chunfeng.apps.policies"
    label = "policies"

    def ready(self) -> None:
        from chunfeng.apps.intake import runs
        from chunfeng.apps.policies import loading

        runs.register("policies", loading.load)
