"""Django's entry of this room."""

from __future__ import annotations

from django.apps import AppConfig


class IntakeConfig(AppConfig):
    name = "chunfeng.apps.intake"
    label = "intake"
