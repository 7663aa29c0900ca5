"""What a loaded run leaves on disk, sealed: what of its OUT is still read, and what spares the county's next run work.

`Run.kept` names the sealed files by part. Everything else of OUT is in the rooms' tables by then and goes with the folder
the run worked in; so do the files of the run before. A run under way keeps what it read, for its next attempt.
"""

from __future__ import annotations

import logging
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from django.db import transaction

from chunfeng.apps.intake import state
from chunfeng.apps.intake.models import Run
from chunfeng.apps.vault import bundles, files
from chunfeng.apps.vault.sealing import Unreadable
from chunfeng.pipeline import explaining

log = logging.getLogger(__name__)

AREA = "runs"
WHY, ROWS, STORE = "why", "rows", "store"
"""Parts: what answers are explained from; the rows as read; finished readings and the claims made of them."""

_OF_OUT = {
    WHY: (explaining.RECORD, explaining.FACTS, explaining.WIDE, explaining.RULES),
    ROWS: ("extracts",),
}
_OF_STATE = (state.READINGS, state.CLAIMS)


def keep(run: Run, out: Path, left: Path | None) -> None:
    """Seal what is kept of OUT and of STATE (`left`) and name it in the run's row; those of the county's other runs go.

    In the transaction that loads the run; the caller saves the row.
    """
    before = list(run.kept.values())
    run.kept = {part: bundles.put(AREA, out, paths).name for part, paths in _OF_OUT.items()}
    if left is not None:
        run.kept[STORE] = bundles.put(AREA, left, _OF_STATE).name
    others = Run.objects.filter(place=run.place).exclude(pk=run.pk).exclude(kept={})
    gone = before + [name for kept in others.values_list("kept", flat=True) for name in kept.values()]
    others.update(kept={})
    transaction.on_commit(lambda: _delete(gone))


def keep_readings(left: Path) -> str:
    """Seal what of STATE spares another attempt of a run that is under way the reading; the file's name, for `Run.kept`."""
    return bundles.put(AREA, left, _OF_STATE).name


def _delete(names: Iterable[str]) -> None:
    for name in names:
        files.delete(name)


def is_kept(run: Run, part: str) -> bool:
    """Whether a part of a run is there."""
    name = run.kept.get(part)
    return name is not None and files.path_of(name).is_file()


@contextmanager
def opened(run: Run | None, part: str) -> Iterator[Path | None]:
    """A private folder with a part of a run, open for as long as it is looked at; None where it is not kept."""
    if run is None or not is_kept(run, part):
        yield None
        return
    with bundles.opened(run.kept[part]) as folder:
        yield folder


def give_back(run: Run | None, folder: Path) -> None:
    """Put finished readings and claims of a run, the county's last or an earlier attempt of the same, into the folder STATE of
    the next; without them it only takes longer."""
    if run is None or not is_kept(run, STORE):
        return
    try:
        bundles.unpack(run.kept[STORE], folder)
    except Unreadable as error:
        log.warning("what run %s read is read anew: %s", run.pk, error)
        shutil.rmtree(folder / state.READINGS, ignore_errors=True)
        (folder / state.CLAIMS).unlink(missing_ok=True)
