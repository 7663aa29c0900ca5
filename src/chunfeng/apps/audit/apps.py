"""Django's entry of this room."""

from __future__ import annotations

from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "chunfeng.apps.audit"
    label = "audit"

    def ready(self) -> None:
        from chunfeng.apps.audit import history, listing
        from chunfeng.apps.places.models import Organisation

        history.watch(Organisation)
        listing.register()
