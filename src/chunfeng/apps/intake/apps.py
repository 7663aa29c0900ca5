"""Django's entry of this room."""

from __future__ import annotations

from django.apps import AppConfig


class IntakeConfig(AppConfig):
    name = "chunfeng.apps.intake"
    label = "intake"

    def ready(self) -> None:
        from chunfeng.apps.audit import actions
        from chunfeng.apps.intake import folders, reading_tasks, runs, words
        from chunfeng.apps.vault import naming, rotation
        from chunfeng.pipeline.accepted import FILE

        runs.register_inputs(runs.LISTS, folders.materialise)
        runs.register_state(FILE, folders.settled)
        actions.register(words.ACTIONS, words.KINDS)
        assert reading_tasks.read_file  # the worker must know its tasks
        rotation.also("intake.StateFile", "content")
        naming.column("intake.SentFile", "stored", "picture")
        naming.column("intake.Extract", "table", "cells")
        naming.column("intake.Run", "kept")
