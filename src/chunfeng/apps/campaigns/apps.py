"""Django's entry of this room."""

from __future__ import annotations

from django.apps import AppConfig


class CampaignsConfig(AppConfig):
    name = "chunfeng.apps.campaigns"
    label = "campaigns"

    def ready(self) -> None:
        from chunfeng.apps.audit import history
        from chunfeng.apps.campaigns import naming

        for model in self.get_models():
            history.watch(model)
        naming.register()
