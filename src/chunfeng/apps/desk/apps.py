"""Django's entry of this room."""

from __future__ import annotations

from django.apps import AppConfig


class DeskConfig(AppConfig):
    name = "chunfeng.apps.desk"
    label = "desk"
