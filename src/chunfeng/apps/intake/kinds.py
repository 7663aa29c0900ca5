"""The kinds of list a county knows: the product's own, and those it added itself."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from chunfeng.apps.intake import runs, state
from chunfeng.apps.intake.models import StateFile
from chunfeng.apps.places.numbers import place_number
from chunfeng.apps.places.scope import use
from chunfeng.engines.sheets.kinds import Kind, load_kinds

FOLDER = "kinds/"


def kinds_of(county: str) -> Mapping[str, Kind]:
    """Every kind by its code, for whoever reads or sends lists there: what lists look like is no secret."""
    with use(runs.scope_for(county)):
        own = StateFile.objects.filter(place=place_number(county), name__startswith=FOLDER).order_by("name")
        marks = tuple(own.values_list("name", "digest"))
        return _with_own(county, marks) if marks else load_kinds()


@lru_cache(32)
def _with_own(county: str, marks: tuple[tuple[str, str], ...]) -> Mapping[str, Kind]:
    with tempfile.TemporaryDirectory(prefix="chunfeng-") as folder:
        write_own(county, Path(folder))
        return load_kinds((Path(folder),))


def write_own(county: str, folder: Path) -> bool:
    """Write the county's own kinds into a folder that is there; whether it has any."""
    names = StateFile.objects.filter(place=place_number(county), name__startswith=FOLDER)
    written = False
    for name in names.values_list("name", flat=True):
        (folder / Path(name).name).write_bytes(state.read(county, name) or b"")
        written = True
    return written
