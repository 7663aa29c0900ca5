"""Django's entry of this room."""

from __future__ import annotations

from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "chunfeng.apps.audit"
    label = "audit"

    def ready(self) -> None:
        from chunfeng.apps.audit import history, listing, wall
        from chunfeng.apps.places.models import Organisation
        from chunfeng.apps.vault import naming

        history.watch(Organisation)
        naming.column("audit.ExportRequest", "stored")
        listing.register()
        wall.put_up()
