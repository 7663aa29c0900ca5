"""Django's entry of this room."""

from __future__ import annotations

from django.apps import AppConfig


class MatchingConfig(AppConfig):
    name = "chunfeng.apps.matching"
    label = "matching"

    def ready(self) -> None:
        from chunfeng.apps.intake import runs
        from chunfeng.apps.matching import employer_loading, loading, vacancies

        runs.register("matching", loading.load)
        runs.register("matching.vacancies", vacancies.load)
        runs.register("matching.employers", employer_loading.load)
