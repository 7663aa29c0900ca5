"""Addresses of this room."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from chunfeng.apps.desk.views import employer, home, lists, overview, own, person

urlpatterns: list[URLPattern | URLResolver] = [
    path("", home.home, name="home"),
    path("me/", own.own, name="own"),
    path("employer/", employer.own, name="own-employer"),
    path("overview/<int:code>/", overview.overview, name="overview"),
    path("lists/<str:measure>/<int:code>/", lists.listing, name="list"),
    path("persons/<int:key>/", person.person, name="person"),
    path("persons/<int:key>/rows/", person.rows, name="person-rows"),
    path("persons/<int:key>/history/", person.history, name="person-history"),
    path("persons/<int:key>/why/<slug:rule>/", person.why, name="person-why"),
]
