"""Addresses of this package."""

from __future__ import annotations

from django.urls import path
from django.views.i18n import set_language

from chunfeng.ui import views
from chunfeng.ui.declared import open_to_all

urlpatterns = [
    path("display/", views.display_mode, name="display-mode"),
    path("language/", open_to_all("切换语言", writes=True)(set_language), name="set_language"),
    path("map-data/<str:level>.json", views.map_data, name="map-data"),
    path("style/", views.style, name="style"),
    path("style/progress/<int:step>/", views.style_progress, name="style-progress"),
    path("style/reveal/", views.style_reveal, name="style-reveal"),
]
