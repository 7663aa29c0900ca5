"""Hand a county's files in to the demonstration, and wait for the run that reads them."""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from chunfeng.site.demo_people import People
from chunfeng.site.environment import ROOT, SetupError
from chunfeng.site.progress import Told, bars
from chunfeng.site.supervisor import Say

SAMPLE = ROOT / "examples/liancheng"
_SAMPLE_KEYS = {"liudong": b"CFXD-2023-liudong"}
"""Of the sample's tokenised list, see examples/README.md."""
_DOWN = 60.0
"""Seconds the database may be away, while the supervisor starts it again."""
T = TypeVar("T")


def county_of(options: argparse.Namespace) -> str:
    """The county the folder's files speak of. SetupError when there is no folder, or no county can be told."""
    from chunfeng.pipeline import inputs

    folder = options.county
    if not folder.is_dir():
        raise SetupError(f"找不到文件夹 {folder}。 / There is no folder {folder}.")
    county = inputs.county_of(folder, inputs.find(folder))
    if county is None:
        raise SetupError(f"看不出 {folder} 是哪个县的。 / It cannot be told which county {folder} is of.")
    return county


def hand_in(options: argparse.Namespace, people: People, say: Say) -> None:
    """Ask for the county's run unless that was done, and wait until it is over. SetupError when it fails.

    What an earlier start asked for is not asked again: the worker goes on with it.
    """
    number = _patiently(lambda: _ask(options, people))
    with bars("样例县 county") as (told,):
        error = _wait(people.county, number, told)
    if error:
        raise SetupError(f"运行未成功 / the run failed:\n{error}")


def _keys(options: argparse.Namespace) -> dict[str, bytes]:
    keys = dict(_SAMPLE_KEYS) if options.county.resolve() == SAMPLE else {}
    for text in options.key:
        name, _, path = text.partition("=")
        try:
            keys[name] = Path(path).read_bytes().strip()
        except OSError as error:
            raise SetupError(f"读不了密钥 {text}。 / The key cannot be read.") from error
    return keys


@contextmanager
def _scope(county: str) -> Iterator[None]:
    from chunfeng.apps.accounts.models import User
    from chunfeng.apps.places.numbers import reach
    from chunfeng.apps.places.scope import Scope, use

    clerk = User.objects.filter(username="county_clerk").values_list("pk", flat=True).first()
    with use(Scope(reach(county), "county_clerk", "演示：报送样例县名单", clerk)):
        yield


def _ask(options: argparse.Namespace, people: People) -> int:
    from chunfeng.apps.intake import runs
    from chunfeng.apps.intake.models import Run

    with _scope(people.county):
        last = Run.objects.mine().exclude(state=Run.State.FAILED).order_by("-pk").first()
        if last is None:
            last = runs.ask(people.county, options.as_of, folder=options.county, keys=_keys(options))
        return int(last.pk)


def _wait(county: str, number: int, told: Told) -> str:
    """Until the run is over; what it says when it failed."""
    from chunfeng.apps.intake.models import Run

    def look() -> Any:
        with _scope(county):
            return Run.objects.get(pk=number)

    shown: tuple[int, int, str] | None = None
    while True:
        run = _patiently(look)
        words = run.stage if run.state == Run.State.RUNNING and run.stage else run.get_state_display()
        now = (run.done, run.total or 1, str(words))
        if now != shown:
            told(*now)
            shown = now
        if run.state == Run.State.DONE:
            return ""
        if run.state == Run.State.FAILED:
            return str(run.error)
        time.sleep(0.5)


def _patiently(look: Callable[[], T]) -> T:
    """What a look at the database gives; when the database is away for a moment, it is asked again."""
    from django.db import InterfaceError, OperationalError, connection

    until = time.monotonic() + _DOWN
    while True:
        try:
            return look()
        except (OperationalError, InterfaceError):
            connection.close()
            if time.monotonic() > until:
                raise
            time.sleep(0.5)
