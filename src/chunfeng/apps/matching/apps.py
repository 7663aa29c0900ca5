"""Django's entry of this room."""

from __future__ import annotations

from django.apps import AppConfig


class MatchingConfig(AppConfig):
    name = "chunfeng.apps.matching"
    label = "matching"
