"""The rule book in force: the shipped files, those of a county in their place, and the last good ones when these are defective."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from datetime import date
from functools import cache
from pathlib import Path

from chunfeng.engines.rules.book import load_book
from chunfeng.engines.rules.catalogue import Catalogue, load_catalogue
from chunfeng.engines.rules.defects import BookError, Defect
from chunfeng.engines.rules.records import Book
from chunfeng.pipeline.outputs import whole
from chunfeng.reference.rules import BOOK, FACTS


def catalogue() -> Catalogue:
    """The catalogue of facts."""
    return load_catalogue(FACTS)


def files(own: Path | None = None) -> list[Path]:
    """The book's files in order. A file in `own` (any depth) takes the place of the shipped one of the same name; others are added.

    Raises BookError when two files of `own` bear the same name: which one is meant cannot be told.
    """
    shipped = [p for entry in BOOK for p in (sorted(entry.rglob("*.yaml")) if entry.is_dir() else [entry])]
    mine: dict[str, Path] = {}
    twice: list[Defect] = []
    for path in yaml_files(own):
        if path.name in mine:
            mend = f"与 {mine[path.name]} 留一个 / two files of one name"
            twice.append(Defect(path.name, 1, "", f"{own} 下有两个 {path.name}", mend))
        mine[path.name] = path
    if twice:
        raise BookError(twice)
    return [mine.pop(p.name, p) for p in shipped] + [mine[name] for name in sorted(mine)]


def yaml_files(folder: Path | None) -> list[Path]:
    """Rule files below a folder; none of none."""
    found = folder.rglob("*") if folder is not None and folder.is_dir() else ()
    return sorted(p for p in found if p.suffix in (".yaml", ".yml") and p.is_file())


def load(own: Path | None = None) -> Book:
    """The shipped book with a county's own files. Raises BookError with every defect; nothing of a defective book is used."""
    return load_book(files(own), catalogue()) if yaml_files(own) else _shipped()


@cache
def _shipped() -> Book:
    return load_book(files(), catalogue())


def in_force_on(book: Book, kind: str, entity: str, day: date) -> list[str]:
    """Rules of that kind that have a version somewhere on the day."""
    return [rule.rule for rule in book.of(kind, entity) if rule.on(day)]


def in_force(state: Path | None) -> tuple[Book, list[Path], tuple[Defect, ...]]:
    """The book of STATE/rules, with the county's own files in it; when it is defective the last accepted one, with the defects.

    What was accepted is kept in STATE/rules.accepted. Without a state folder, or own files, the shipped book.
    """
    if state is None:
        return load(), [], ()
    accepted = state / "rules.accepted"
    try:
        found = load(state / "rules")
    except BookError as error:
        return load(accepted), yaml_files(accepted), error.defects
    _keep(yaml_files(state / "rules"), accepted)
    return found, yaml_files(accepted), ()


def _keep(own: Iterable[Path], folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    for path in own:
        with whole(folder / path.name) as part:
            part.write_bytes(path.read_bytes())
