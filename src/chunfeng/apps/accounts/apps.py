"""Django's entry of this room."""

from __future__ import annotations

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "chunfeng.apps.accounts"
    label = "accounts"

    def ready(self) -> None:
        from chunfeng.apps.accounts import keeping, naming, signals
        from chunfeng.apps.accounts.models import Membership, Role
        from chunfeng.apps.audit import history

        history.watch(Membership)
        history.watch(Role)
        naming.register()
        signals.connect()
        keeping.register()
