"""Every address of the platform, room by room."""

from __future__ import annotations

from django.urls import include, path

urlpatterns = [
    path("", include("chunfeng.apps.desk.urls")),
    path("", include("chunfeng.apps.accounts.urls")),
    path("audit/", include("chunfeng.apps.audit.urls")),
    path("campaigns/", include("chunfeng.apps.campaigns.urls")),
    path("intake/", include("chunfeng.apps.intake.urls")),
    path("registry/", include("chunfeng.apps.registry.urls")),
    path("ui/", include("chunfeng.ui.urls")),
    path("", include("chunfeng.site.health")),
]
handler400 = "chunfeng.ui.views.bad_request"
handler403 = "chunfeng.ui.views.forbidden"
handler404 = "chunfeng.ui.views.not_found"
handler500 = "chunfeng.ui.views.server_error"
