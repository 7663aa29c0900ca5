"""Django's entry of this room."""

from __future__ import annotations

from django.apps import AppConfig


class GateConfig(AppConfig):
    name = "chunfeng.apps.gate"
    label = "gate"
