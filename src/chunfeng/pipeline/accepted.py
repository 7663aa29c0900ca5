"""Which sheets were accepted and how they were settled, as one file of the state folder: `accepted.json`.

Of a file that it speaks of, a run reads only the sheets it names; kind, columns, cells put right and rows left out are
those it gives. It is written by whoever takes lists in and keeps account of them, the platform. Files that it does not
speak of are read as they are; with it, a folder may also be empty: everything was taken back.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from chunfeng.engines.sheets.kinds import Kind
from chunfeng.engines.sheets.settled import Settled, SettledSheets

FILE = "accepted.json"


class AcceptedError(ValueError):
    """The file cannot be used; the message says what is wrong."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """`sheets` by file and sheet; `kept`: somebody keeps account of what is accepted."""

    sheets: SettledSheets = field(default_factory=dict)
    kept: bool = False

    def of(self, name: str) -> SettledSheets:
        """The part that speaks of one file of the folder, or of what it holds when it is a bundle."""
        return {k: v for k, v in self.sheets.items() if k[0] == name or k[0].startswith(f"{name}/")}


def load(path: Path, kinds: Mapping[str, Kind]) -> Accepted:
    """What was accepted; everything where there is no file. Raises AcceptedError for one that cannot be used."""
    if not path.is_file():
        return Accepted()
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
        sheets = {(str(e["file"]), str(e["sheet"])): from_json(e) for e in raw["sheets"]}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise AcceptedError(f"{path.name}: 不可读 / not readable: {error}") from error
    unknown = sorted({s.kind for s in sheets.values()} - set(kinds))
    if unknown:
        raise AcceptedError(f"{path.name}: 没有表类 / unknown kinds: {', '.join(unknown)}")
    return Accepted(sheets, True)


def to_json(file: str, sheet: str, settled: Settled) -> dict[str, Any]:
    """One sheet as it stands in the file's list `sheets`."""
    return {
        "file": file,
        "sheet": sheet,
        "kind": settled.kind,
        "columns": list(settled.columns),
        "edits": [list(e) for e in settled.edits],
        "left_out": list(settled.left_out),
    }


def from_json(entry: Mapping[str, Any]) -> Settled:
    """The way back. KeyError, TypeError or ValueError where something is missing or of another type."""
    return Settled(
        str(entry["kind"]),
        tuple(None if c is None else str(c) for c in entry["columns"]),
        tuple(
            (int(row), int(column), None if text is None else str(text))
            for row, column, text in entry["edits"]
        ),
        tuple(int(row) for row in entry["left_out"]),
    )
