"""Addresses of this room."""

from __future__ import annotations

from django.urls import path

from chunfeng.apps.intake.views import board, deciding, extracts, sending

urlpatterns = [
    path("deliveries/", board.board, name="intake-board"),
    path("send/", sending.send, name="intake-send"),
    path("current/", board.versions, name="intake-versions"),
    path("runs/", board.run_list, name="intake-runs"),
    path("runs/progress/", board.run_progress, name="intake-runs-progress"),
    path("deliveries/<int:pk>/", sending.delivery, name="intake-delivery"),
    path("deliveries/<int:pk>/progress/", sending.progress, name="intake-progress"),
    path("deliveries/<int:pk>/accept/", sending.accept_all, name="intake-accept-all"),
    path("files/<int:pk>/", sending.download, name="intake-file"),
    path("files/<int:pk>/picture/", sending.picture, name="intake-picture"),
    path("lists/<int:pk>/", extracts.columns, name="intake-columns"),
    path("lists/<int:pk>/confirm/", extracts.confirm, name="intake-confirm"),
    path("lists/<int:pk>/rows/", extracts.rows, name="intake-rows"),
    path("lists/<int:pk>/rows/<int:row>/", extracts.row, name="intake-row"),
    path("lists/<int:pk>/issues/", extracts.issues, name="intake-issues"),
    path("lists/<int:pk>/issues.xlsx", deciding.workbook, name="intake-workbook"),
    path("lists/<int:pk>/history/", extracts.history, name="intake-history"),
    path("lists/<int:pk>/accept/", deciding.accept, name="intake-accept"),
    path("lists/<int:pk>/release/", deciding.release, name="intake-release"),
    path("lists/<int:pk>/reject/", deciding.reject, name="intake-reject"),
    path("lists/<int:pk>/undo/", deciding.undo, name="intake-undo"),
    path("lists/<int:pk>/reopen/", deciding.reopen, name="intake-reopen"),
    path("lists/<int:pk>/replacing/", deciding.replacing, name="intake-replacing"),
    path("lists/<int:pk>/aside/", deciding.aside, name="intake-aside"),
]
