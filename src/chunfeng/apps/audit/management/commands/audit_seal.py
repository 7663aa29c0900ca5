"""Seal the audit events that are settled; the worker does so every half minute."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from chunfeng.apps.audit import seals


class Command(BaseCommand):
    help = "封存审计记录 / seal the audit events"

    def handle(self, *args: Any, **options: Any) -> None:
        batches = seals.seal()
        self.stdout.write(
            f"封存 {sum(batch.count for batch in batches)} 条，{len(batches)} 批 / sealed, in batches"
        )
