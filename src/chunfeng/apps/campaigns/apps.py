"""Django's entry of this room."""

from __future__ import annotations

from django.apps import AppConfig


class CampaignsConfig(AppConfig):
    name = "chunfeng.apps.campaigns"
    label = "campaigns"
