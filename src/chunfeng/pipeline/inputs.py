"""The files of a folder: which are read, their content hashes, and which county they speak of."""

from __future__ import annotations

import hashlib
import zipfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from chunfeng.engines.sheets.container import is_ignored
from chunfeng.reference import regions

_PEEK = 1 << 17


@dataclass(frozen=True, slots=True)
class Input:
    """One file of the folder: `name` is its path relative to the folder, `refused` an issue code if it is not read."""

    name: str
    path: Path
    size: int
    sha256: str
    refused: str = ""


def find(folder: Path) -> list[Input]:
    """All files below `folder`, in order of name. Links that lead out of the folder are refused, not followed."""
    root = folder.resolve()
    found: list[Input] = []
    for path in sorted(folder.rglob("*"), key=lambda p: p.relative_to(folder).as_posix()):
        name = path.relative_to(folder).as_posix()
        if path.is_symlink() and not path.resolve().is_relative_to(root):
            found.append(Input(name, path, 0, "", "FILE_LINK"))
        elif path.is_file():
            if is_ignored(name):
                found.append(Input(name, path, path.stat().st_size, "", "FILE_IGNORED"))
                continue
            try:
                found.append(Input(name, path, path.stat().st_size, digest(path)))
            except OSError:
                found.append(Input(name, path, 0, "", "FILE_UNREADABLE"))
    return found


def digest(path: Path) -> str:
    """SHA-256 of a file's content, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def county_of(folder: Path, inputs: Sequence[Input]) -> str | None:
    """Six-digit code of the county most files name, None when no county is named by more files than any other.

    Only names are counted, in file names and in the first part of each file's text; nothing is decided for a row.
    """
    counties = {r.name: r.code for r in regions.fujian() if r.level == "county"}
    votes: Counter[str] = Counter()
    for item in inputs:
        if item.refused:
            continue
        text = f"{folder.name}/{item.name}\n{_first_text(item.path)}"
        named = Counter({code: text.count(name) for name, code in counties.items() if name in text})
        if named:
            votes[named.most_common(1)[0][0]] += 1
    ranked = votes.most_common(2)
    if not ranked or (len(ranked) == 2 and ranked[0][1] == ranked[1][1]):
        return None
    return ranked[0][0]


def _first_text(path: Path) -> str:
    """Some text from the beginning of a file, whatever its format; empty where that is not simple."""
    try:
        with path.open("rb") as file:
            head = file.read(_PEEK)
        if head.startswith(b"PK"):
            with zipfile.ZipFile(path) as archive:
                for part in ("xl/sharedStrings.xml", "xl/worksheets/sheet1.xml", "word/document.xml"):
                    if part in archive.namelist():
                        with archive.open(part) as file:
                            return file.read(_PEEK).decode("utf-8", "ignore")
            return ""
    except (OSError, zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, ValueError):
        return ""
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        return head.decode("utf-16-le", "ignore")
    for encoding in ("utf-8", "gb18030"):
        try:
            return head[: len(head) - 4].decode(encoding)
        except UnicodeDecodeError:
            continue
    return head.decode("utf-8", "ignore")
