"""Django's entry of this room."""

from __future__ import annotations

from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "chunfeng.apps.audit"
    label = "audit"
