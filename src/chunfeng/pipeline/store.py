"""Where finished readings are kept, each under the fingerprint of all that went into it; whole or not at all."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import chunfeng
from chunfeng.pipeline.outputs import whole

RECEIPT = "receipt.json"
KEEP_RUNS = 3
"""A reading that this many runs in a row did not use is removed: personal data is not kept for nothing."""

_NO_READING = ("rules", "policies", "coordinates")
"""Reference that no reading depends on: a changed rule must not cost the reading of every file anew."""


@cache
def reader_version() -> str:
    """Hash of the code and data that reading depends on: a changed synonym is a changed reading."""
    return code_version(
        "engines/sheets",
        "engines/identity",
        "reference",
        "pipeline/reading.py",
        "pipeline/validity.py",
        "pipeline/parquet.py",
    )


def code_version(*parts: str) -> str:
    """Hash of the files in these parts of the program, and of its version."""
    root = Path(chunfeng.__file__).parent
    digest = hashlib.sha256(chunfeng.__version__.encode())
    apart = {root / "reference" / name for name in _NO_READING}
    for part in parts:
        start = root / part
        for path in sorted(start.rglob("*")) if start.is_dir() else [start]:
            if path.is_file() and "__pycache__" not in path.parts and not apart & set(path.parents):
                digest.update(path.relative_to(root).as_posix().encode())
                digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def fingerprint(**parts: Any) -> str:
    """One hash of everything a reading depends on."""
    text = json.dumps(parts, ensure_ascii=False, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:24]


class Store:
    """A folder of readings by fingerprint."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    def path(self, key: str) -> Path:
        """Where the reading of that fingerprint is, or will be."""
        return self.folder / key

    def get(self, key: str, as_of: date) -> dict[str, Any] | None:
        """The receipt of a finished reading that holds for that date and whose files are all there, or None."""
        try:
            receipt: dict[str, Any] = json.loads((self.path(key) / RECEIPT).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        first, last = receipt["valid"]
        is_whole = all((self.path(key) / name).is_file() for name in receipt["files"])
        return receipt if is_whole and first <= as_of.isoformat() <= last else None

    @contextmanager
    def adding(self, key: str) -> Iterator[Path]:
        """A fresh folder to write a reading into; it becomes the reading only if the block ends well."""
        part = self.folder / f"{key}.part-{os.getpid()}"
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir(mode=0o700)
        try:
            yield part
            shutil.rmtree(self.path(key), ignore_errors=True)
            part.rename(self.path(key))
        finally:
            shutil.rmtree(part, ignore_errors=True)

    def sweep(self, used: set[str]) -> None:
        """Remove what killed runs left, and readings that the last runs did not use."""
        ages_file = self.folder / "unused.json"
        try:
            ages: dict[str, int] = json.loads(ages_file.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            ages = {}
        left: dict[str, int] = {}
        for entry in self.folder.iterdir():
            if not entry.is_dir():
                continue
            age = 0 if entry.name in used else ages.get(entry.name, 0) + 1
            if ".part-" in entry.name or age >= KEEP_RUNS:
                shutil.rmtree(entry, ignore_errors=True)
            elif age:
                left[entry.name] = age
        with whole(ages_file) as part:
            part.write_text(json.dumps(left), encoding="utf-8")
