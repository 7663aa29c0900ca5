"""Addresses of this room."""

from __future__ import annotations

from django.urls import path

from chunfeng.apps.registry.views import correcting, deciding, persons, reviewing, unlinked

urlpatterns = [
    path("", persons.persons, name="registry"),
    path("findings/", deciding.findings, name="registry-findings"),
    path("review/", reviewing.queue, name="registry-review"),
    path("review/begin/", reviewing.begin, name="registry-review-begin"),
    path("review/<int:pk>/", reviewing.group, name="registry-review-group"),
    path("review/<int:pk>/decide/", reviewing.decide, name="registry-decide"),
    path("review/<int:pk>/ask/", reviewing.ask, name="registry-ask"),
    path("inquiries/", reviewing.inquiries, name="registry-inquiries"),
    path("decisions/", deciding.made, name="registry-decisions"),
    path("decisions/<uuid:deed>/undo/", reviewing.undo, name="registry-undo"),
    path("rows/", unlinked.unlinked, name="registry-unlinked"),
    path("rows/<int:pk>/", deciding.row, name="registry-row"),
    path("persons/<int:key>/rows/", deciding.of_person, name="registry-rows"),
    path("persons/<int:key>/split/", deciding.split, name="registry-split"),
    path("persons/<int:key>/merge/", deciding.merge, name="registry-merge"),
    path("persons/<int:key>/correct/", correcting.correct, name="registry-correct"),
    path("persons/<int:key>/reveal/", correcting.reveal, name="registry-reveal"),
    path("corrections/<int:pk>/undo/", correcting.undo, name="registry-correction-undo"),
    path("same/", correcting.same, name="registry-same"),
    path("same/<int:pk>/say/", correcting.say, name="registry-same-say"),
    path("same/<int:pk>/approve/", correcting.approve, name="registry-same-approve"),
]
