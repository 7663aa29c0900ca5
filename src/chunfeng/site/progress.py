"""A progress bar on the terminal; plain lines where there is no terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn


@contextmanager
def bar(label: str) -> Iterator[Callable[[int, int, str], None]]:
    """A function to call with (done, all, name of what was just done)."""
    if not sys.stderr.isatty():
        yield lambda done, total, name: print(f"{label} {done}/{total} {name}", file=sys.stderr, flush=True)
        return
    columns = (
        TextColumn(label),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.fields[name]}"),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(label, total=None, name="")
        yield lambda done, total, name: progress.update(task, completed=done, total=total, name=name[-40:])
