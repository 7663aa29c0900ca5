"""A progress bar on the terminal; plain lines where there is no terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

Told = Callable[[int, int, str], None]
"""A function to call with (done, all, name of what was just done, or is at work)."""


@contextmanager
def bars(*labels: str) -> Iterator[tuple[Told, ...]]:
    """One bar per label, each shown from its first call on."""
    if not sys.stderr.isatty():
        yield tuple(_line(label) for label in labels)
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.fields[name]}"),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        yield tuple(_task(progress, label) for label in labels)


def _line(label: str) -> Told:
    return lambda done, total, name: print(f"{label} {done}/{total} {name}", file=sys.stderr, flush=True)


def _task(progress: Progress, label: str) -> Told:
    task = progress.add_task(label, total=None, name="", visible=False, start=False)

    def told(done: int, total: int, name: str) -> None:
        progress.start_task(task)
        progress.update(task, completed=done, total=total, name=name[-40:], visible=True)

    return told
