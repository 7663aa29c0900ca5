"""Turn the keys of the sealed fields."""

from __future__ import annotations

import secrets as random
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from chunfeng.apps.audit.record import record
from chunfeng.apps.places.scope import Scope, use, whole_province
from chunfeng.apps.vault import rotation
from chunfeng.apps.vault.keys import LOOK_AGAIN, look_again


def _scope() -> Scope:
    return whole_province("key rotation", "轮换密钥")


class Command(BaseCommand):
    help = (
        "轮换字段加密密钥：加一把新密钥，分批重封，可随时中断再来；旧密钥用完后 --remove 去掉"
        " / turn the keys: add one, seal everything anew in batches, resumable; --remove an old one afterwards"
    )

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument(
            "--add", action="store_true", help="加一把新密钥并从此用它 / add a key and use it from now on"
        )
        parser.add_argument("--report", action="store_true", help="只报告各密钥封了多少 / only report")
        parser.add_argument(
            "--remove", type=int, metavar="N", help="去掉不再用的旧密钥 / remove key N, unused by now"
        )

        parser.add_argument(
            "--wait",
            type=float,
            default=600.0,
            metavar="SECONDS",
            help="去掉前最多等多久更早的事务 / how long older transactions are waited for before a key is removed",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["remove"] is not None:
            self._remove(options["remove"], options["wait"])
            return
        if options["add"]:
            self._add()
        if not options["report"]:
            self._reseal()
        left = self._report()
        if not options["report"] and any(number != look_again().current for number in left):
            raise CommandError("还有旧密钥封的值，见上 / some values are still sealed with an older key")

    def _add(self) -> None:
        secrets = settings.LOAD_SECRETS()
        number = next(n for n in range(1, 256) if str(n) not in secrets.fields)
        fields = secrets.fields | {str(number): random.token_hex(16)}
        settings.SAVE_SECRETS(replace(secrets, fields=fields, field_key=str(number)))
        look_again()
        with use(_scope()):
            record("keys.add", kind="key", key=number)
        self.stdout.write(
            f"新密钥 {number}，从此使用；请另行保管密钥文件的备份 / new key, in use from now on"
        )

    def _reseal(self) -> None:
        work = [(column.name, rotation.reseal(column)) for column in rotation.columns()]
        for name, batches in [*work, ("files", rotation.reseal_files())]:
            done = self._drain(name, batches)
            if done:
                with use(_scope()):
                    record("keys.reseal", kind="column", key=name, details={"count": done})
                self.stdout.write(f"{name}: {done}")

    def _drain(self, name: str, batches: Iterator[tuple[int, list[object]]]) -> int:
        """Go through the batches, each in a transaction of its own."""
        done = 0
        while True:
            with use(_scope()):
                batch = next(batches, None)
            if batch is None:
                return done
            done += batch[0]
            if batch[1]:
                self.stderr.write(f"{name}: 打不开 unreadable: {batch[1][:20]}")

    def _report(self) -> Counter[int]:
        total = Counter(rotation.file_counts())
        with use(_scope()):
            for column in rotation.columns():
                total.update(rotation.counts(column))
        current = look_again().current
        for number in sorted(set(look_again().keys) | set(total)):
            mark = "（当前 current）" if number == current else ""
            self.stdout.write(f"密钥 key {number}{mark}: {total[number]}")
        return total

    def _wait(self, longest: float) -> None:
        """Until nothing begun before every process knew the current key is under way: it may have sealed with the old
        one what it has not written yet, which no count shows."""
        time.sleep(LOOK_AGAIN)
        began = rotation.now()
        until = time.monotonic() + longest
        while pids := rotation.unfinished(began):
            if time.monotonic() > until:
                raise CommandError(
                    "更早开始的事务还没有结束，旧密钥先留着，稍后再来 / older transactions are still open, the key stays"
                    f" for now: pid {pids[:20]}"
                )
            time.sleep(0.2)

    def _remove(self, number: int, wait: float) -> None:
        secrets = settings.LOAD_SECRETS()
        if str(number) not in secrets.fields or str(number) == secrets.field_key:
            raise CommandError("没有这把密钥，或它正在使用 / no such key, or it is the current one")
        self._wait(wait)
        if self._report()[number]:
            raise CommandError("还有值用它封着，先不带参数运行一次 / values are still sealed with it")
        fields = {key: value for key, value in secrets.fields.items() if key != str(number)}
        settings.SAVE_SECRETS(replace(secrets, fields=fields))
        with use(_scope()):
            record("keys.remove", kind="key", key=number)
        self.stdout.write(
            f"密钥 {number} 已去掉；旧备份仍要用它才能打开 / removed; old backups still need it"
        )
