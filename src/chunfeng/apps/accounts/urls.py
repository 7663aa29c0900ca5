"""Addresses of this room."""

from __future__ import annotations

from django.urls import path

from chunfeng.apps.accounts import views

urlpatterns = [
    path("signin/", views.sign_in, name="signin"),
    path("signout/", views.sign_out, name="signout"),
    path("hat/", views.switch_hat, name="hat-switch"),
]
