"""Django's entry of this room."""

from __future__ import annotations

from django.apps import AppConfig


class VaultConfig(AppConfig):
    name = "chunfeng.apps.vault"
    label = "vault"
