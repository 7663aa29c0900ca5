"""What is past its time."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from chunfeng.apps.audit import retention
from chunfeng.apps.audit.record import record
from chunfeng.apps.places.scope import use, whole_province


class Command(BaseCommand):
    help = "列出各类记录中到期可删的；加 --apply 才真正删除 / list what is past its time; --apply deletes it"

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--apply", action="store_true", help="删除 / delete")

    def handle(self, *args: Any, **options: Any) -> None:
        with use(whole_province("retention", "到期清理")):
            for one in retention.due():
                since = f"，最早 since {one.oldest:%Y-%m-%d}" if one.oldest else ""
                self.stdout.write(
                    f"{one.kept.name}: {one.count}（保留 {one.kept.days} 天 days{since}；{one.kept.why}）"
                )
                if options["apply"] and one.count:
                    if one.kept.by_owner:
                        self.stdout.write(
                            "  须由表的所有者归档后删除 / by the owner of the tables, after archiving"
                        )
                        continue
                    deleted = retention.apply(one)
                    record("retention", kind="entity", key=str(one.kept.name), details={"deleted": deleted})
                    self.stdout.write(f"  已删除 deleted: {deleted}")
