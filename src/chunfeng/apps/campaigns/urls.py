"""Addresses of this room."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from chunfeng.apps.campaigns import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.listing, name="campaigns"),
    path("switch/", views.switch, name="campaign-switch"),
    path("new/", views.new, name="campaign-new"),
    path("<slug:code>/", views.show, name="campaign"),
    path("<slug:code>/change/", views.change, name="campaign-change"),
    path("<slug:code>/targets/", views.targets, name="campaign-targets"),
    path("<slug:code>/targets/<int:region>/", views.targets, name="campaign-targets-of"),
    path("<slug:code>/<slug:what>/new/", views.part, name="campaign-part-new"),
    path("<slug:code>/<slug:what>/<int:key>/", views.part, name="campaign-part"),
    path("<slug:code>/<slug:what>/<int:key>/remove/", views.remove, name="campaign-part-remove"),
]
