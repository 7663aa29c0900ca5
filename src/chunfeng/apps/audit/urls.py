"""Addresses of this room."""

from __future__ import annotations

from django.urls import path

from chunfeng.apps.audit import views

urlpatterns = [
    path("", views.audit, name="audit"),
    path("exports/", views.exports_list, name="exports"),
    path("exports/ask/<slug:code>/", views.export_ask, name="export-ask"),
    path("exports/<int:number>/", views.export_page, name="export"),
    path("exports/<int:number>/decide/", views.export_decide, name="export-decide"),
    path("exports/<int:number>/download/", views.export_download, name="export-download"),
]
