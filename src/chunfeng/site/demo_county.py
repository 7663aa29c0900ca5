"""Hand a county's files in to the demonstration, and wait for the run that reads them."""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from chunfeng.site.demo_people import People
from chunfeng.site.demo_senders import CLERK, Sender, Story, sent_name, shares
from chunfeng.site.environment import ROOT, SetupError
from chunfeng.site.progress import Told, bars
from chunfeng.site.supervisor import Say

if TYPE_CHECKING:
    from chunfeng.pipeline.inputs import Input

SAMPLE = ROOT / "examples/liancheng"
_SAMPLE_KEYS = {"CFXD-2023-liudong": b"CFXD-2023-liudong"}
"""Of the sample's tokenised list, see examples/README.md."""
_DOWN = 60.0
"""Seconds the database may be away, while the supervisor starts it again."""
_NOTE = "演示 / demonstration"
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


def hand_in(options: argparse.Namespace, people: People, story: Story, say: Say) -> None:
    """Send the files in as each office would, accept them, and wait for the run. SetupError when it fails.

    What an earlier start has done is not done again: the worker goes on with it.
    """
    county = people.county
    say("正在按各部门、各乡镇报送名单… / handing in the lists of each department and town …")
    _patiently(lambda: _send_all(options, county, story))
    with bars("读取名单 reading", "比对运行 run") as (reading, running):
        _wait(lambda: _read(county), reading)
        waiting = _patiently(lambda: _accept(county))
        _wait(lambda: _run(county), running)
    if waiting:
        say(f"另有 {waiting} 张表待人工确认，见「名单」 / so many tables wait for somebody to look at them")


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
def _as(username: str, county: str) -> Iterator[None]:
    """In the scope of a demonstration user, in the county or one of its towns, and in one transaction."""
    from chunfeng.apps.accounts.hats import scope_of_hat
    from chunfeng.apps.accounts.models import Membership
    from chunfeng.apps.places.scope import use

    hats = Membership.objects.select_related("role", "region")
    with use(
        scope_of_hat(hats.get(user__username=username, region__pk__startswith=county), "演示：样例县名单")
    ):
        yield


def _send_all(options: argparse.Namespace, county: str, story: Story) -> None:
    """Every office's files, office by office: an earlier start may have ended in between."""
    from chunfeng.apps.intake import state
    from chunfeng.pipeline import inputs

    found = [item for item in inputs.find(options.county) if not item.refused]
    with _as(CLERK, county):
        for name, key in _keys(options).items():
            state.put(county, f"{state.KEYS}{name}", key)
    given = shares(story.senders, found)
    for sender, items in sorted(given.items(), key=lambda each: each[0].received or options.as_of):
        with _as(sender.user, county):
            _send(sender, items, options)


def _send(sender: Sender, items: Sequence[Input], options: argparse.Namespace) -> None:
    from chunfeng.apps.intake.models import Delivery
    from chunfeng.apps.intake.services.receive import MOST_FILES, FromDisk, receive
    from chunfeng.apps.places.scope import current

    if Delivery.objects.filter(sender=current().actor).exists():
        return
    as_of = min(sender.as_of or options.as_of, options.as_of)
    for start in range(0, len(items), MOST_FILES):
        some = [FromDisk(item.path, sent_name(sender, item)) for item in items[start : start + MOST_FILES]]
        receive(some, as_of=as_of, received=sender.received, note=_NOTE)


def _read(county: str) -> tuple[int, int, str]:
    from django.db.models import Count, Q

    from chunfeng.apps.intake.models import SentFile

    busy = (SentFile.State.WAITING, SentFile.State.READING)
    with _as(CLERK, county):
        files = SentFile.objects.filter(county=county)
        counts = files.aggregate(all=Count("pk"), done=Count("pk", filter=~Q(state__in=busy)))
        now = files.filter(state=SentFile.State.READING).values_list("name", flat=True).first()
    return counts["done"], counts["all"], now or ""


def _accept(county: str) -> int:
    """Accept what is ready, let the other officer release what the brakes hold; how many tables are left.

    A run that failed the last time is asked for again.
    """
    from chunfeng.apps.intake.asking import ask_for_run
    from chunfeng.apps.intake.models import Delivery, Extract, Run
    from chunfeng.apps.intake.services.decide import accept_all, release

    with _as(CLERK, county):
        for delivery in Delivery.objects.filter(county=county).order_by("pk"):
            accept_all(delivery)
        last = Run.objects.mine().order_by("pk").last()
        if last is not None and last.state == Run.State.FAILED:
            ask_for_run(county)
    with _as("county_approver", county):
        for extract in Extract.objects.filter(county=county, state=Extract.State.HELD).order_by("pk"):
            release(extract, "演示：首次报送，已核对")
        return int(Extract.objects.filter(county=county, state=Extract.State.NEEDS_MAPPING).count())


def _run(county: str) -> tuple[int, int, str]:
    from chunfeng.apps.intake.models import Run

    with _as(CLERK, county):
        run = Run.objects.mine().order_by("pk").last()
    if run is None:
        return 1, 1, ""
    if run.state == Run.State.FAILED:
        raise SetupError(f"运行未成功 / the run failed:\n{run.error}")
    if run.state == Run.State.DONE:
        return 1, 1, ""
    words = run.stage if run.state == Run.State.RUNNING and run.stage else run.get_state_display()
    return min(run.done, max(run.total - 1, 0)), max(run.total, 1), str(words)


def _wait(look: Callable[[], tuple[int, int, str]], told: Told) -> None:
    """Tell how far it is until all is done."""
    shown: tuple[int, int, str] | None = None
    while True:
        now = _patiently(look)
        if now != shown:
            told(*now)
            shown = now
        if now[0] >= now[1]:
            return
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
