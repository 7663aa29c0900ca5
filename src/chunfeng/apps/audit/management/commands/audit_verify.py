"""Check the chain of seals."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from chunfeng.apps.audit.verify import verify


class Command(BaseCommand):
    help = "核对审计链 / check the chain of audit seals; exit code 1 when it is damaged"

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument(
            "--head", help="以前抄下的摘要，必须还在链上 / a digest noted earlier, must be in the chain"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        report = verify(options["head"])
        say = self.stdout.write
        say(f"批次 batches: {report.batches}；记录 events: {report.events}")
        say(f"链头 head: {report.head}")
        say(
            f"未封存 unsealed: {report.unsealed}"
            + (f"，最早 since {report.unsealed_since:%Y-%m-%d %H:%M:%S}" if report.unsealed_since else "")
        )
        for name, keys in (
            ("断链批次 broken batches", report.broken),
            ("被改记录 changed events", report.changed),
            ("缺失记录 missing events", report.missing),
            ("插入记录 events slipped in", report.slipped),
        ):
            if keys:
                more = f" … 共 in all {len(keys)}" if len(keys) > 20 else ""
                say(f"{name}: {', '.join(map(str, keys[:20]))}{more}")
        if not report.head_found:
            say("抄下的摘要不在链上 / the noted digest is not in the chain")
        if not report.sound:
            raise CommandError("审计链已损坏 / the audit chain is damaged")
        say("审计链完好 / the chain is sound")
