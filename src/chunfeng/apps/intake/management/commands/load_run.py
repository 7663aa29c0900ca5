"""Load what `./chunfeng run` left in a folder into the platform, as a run of that county."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from chunfeng.apps.intake import runs


class Command(BaseCommand):
    help = "把一次比对的输出文件夹写入平台 / load the OUT of a run into the platform"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--county", required=True, help="县区划代码六位 / six digits of the county")
        parser.add_argument("--out", required=True, type=Path, help="输出文件夹 / folder OUT")
        parser.add_argument(
            "--state", type=Path, help="状态文件夹，以后的比对接着用 / folder STATE that belongs to OUT"
        )
        parser.add_argument("--as-of", required=True, type=date.fromisoformat, help="基准日 / YYYY-MM-DD")

    def handle(self, *args: Any, **options: Any) -> None:
        out = options["out"]
        if not (out / "run.json").is_file():
            raise CommandError(f"{out} 里没有 run.json。 / there is no run.json in it.")
        run = runs.bring_in(options["county"], out, options["as_of"], options["state"])
        for room, counts in run.counts["loaded"].items():
            for name, count in counts.items():
                self.stdout.write(f"{room:12} {name:28} {count:>10,}")
