"""Kinds of extract as data: which fields a department's list has, what clerks call them, what must hold.

One YAML file per kind under `kinds/`; words shared by several kinds live in `kinds/_fields.yaml`.
A county adds a kind by putting one more file into a folder of its own (see `load_kinds`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from chunfeng.engines.sheets.data_files import load_yaml
from chunfeng.engines.sheets.words import normalise_header

OWN_KINDS = Path(__file__).parent / "kinds"
LAYOUTS = ("flat", "household")
SUBJECTS = ("person", "employer", "post", "ticket", "household")
FILLS = ("", "block")
PARTS = ("", "start", "end")
CHECKS = ("not_before",)


class KindError(ValueError):
    """A kind file that cannot be used; the message names file, field and what to change."""


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a kind: canonical English name, Chinese label, type and the words clerks write for it.

    `level` household: written once per household group; `fill` block: a blank repeats the value above;
    `signature`: a word that tells this kind from others; `part` start or end: of two dates in one cell the first or last.
    """

    name: str
    label: str
    type: str
    words: frozenset[str]
    patterns: tuple[re.Pattern[str], ...] = ()
    required: bool = False
    signature: bool = False
    level: str = ""
    fill: str = ""
    group: bool = False
    content: str = ""
    part: str = ""


@dataclass(frozen=True, slots=True)
class Check:
    """A relation two fields of one row must keep: `field` not before `other`."""

    check: str
    field: str
    other: str


@dataclass(frozen=True, slots=True)
class Join:
    """A field that some senders spread over several columns: `field` is the cells of `of` joined by `by`."""

    field: str
    of: tuple[str, ...]
    by: str


@dataclass(frozen=True, slots=True, eq=False)
class Kind:
    """One kind of extract. `own`: a list the program writes itself, told by the headings of its required fields alone."""

    code: str
    name: str
    english: str
    department: str
    subject: str
    fields: tuple[Field, ...]
    key: tuple[str, ...]
    titles: tuple[str, ...]
    layout: str = "flat"
    series: bool = False
    generic: bool = False
    own: bool = False
    checks: tuple[Check, ...] = ()
    joins: tuple[Join, ...] = ()
    by_name: dict[str, Field] = field(default_factory=dict, compare=False)

    def field(self, name: str) -> Field:
        """The field of that canonical name; KeyError if the kind has none."""
        return self.by_name[name]


def _strings(value: Any) -> list[str]:
    return [str(v) for v in (value or [])]


def _field(
    entry: dict[str, Any], shared: dict[str, dict[str, Any]], where: str, types: Iterable[str]
) -> Field:
    name = entry.get("field")
    if not name:
        raise KindError(f"{where}: a field has no `field:` name")
    base = shared.get(name, {})
    label = entry.get("label", base.get("label"))
    kind_of_value = entry.get("type", base.get("type"))
    if not label or not kind_of_value:
        raise KindError(f"{where}: field {name} needs `label` and `type` (it is no shared field)")
    if kind_of_value not in types:
        raise KindError(
            f"{where}: field {name} has unknown type {kind_of_value}; known: {', '.join(sorted(types))}"
        )
    unknown = set(entry) - {
        "field", "label", "type", "words", "also", "patterns", "required", "signature", "level", "fill", "group", "content", "part",
    }  # fmt: skip
    if unknown:
        raise KindError(f"{where}: field {name} has unknown settings {sorted(unknown)}")
    if entry.get("part", "") not in PARTS:
        raise KindError(f"{where}: field {name}: part must be start or end")
    words = _strings(entry.get("words", base.get("words"))) + _strings(entry.get("also")) + [label]
    try:
        patterns = tuple(re.compile(p) for p in _strings(entry.get("patterns", base.get("patterns"))))
    except re.error as error:
        raise KindError(
            f"{where}: field {name} has a pattern that is no regular expression: {error}"
        ) from error
    return Field(
        name=name,
        label=str(label),
        type=str(kind_of_value),
        words=frozenset(normalise_header(w) for w in words),
        patterns=patterns,
        required=bool(entry.get("required", False)),
        signature=bool(entry.get("signature", False)),
        level="household" if entry.get("level", base.get("level")) == "household" else "",
        fill="block" if "block" in (entry.get("fill", base.get("fill")), entry.get("level")) else "",
        group=bool(entry.get("group", base.get("group", False))),
        content=str(entry.get("content", base.get("content", ""))),
        part=str(entry.get("part", "")),
    )


def read_kind(path: Path, shared: dict[str, dict[str, Any]], types: Iterable[str]) -> Kind:
    """One kind from one YAML file. Raises KindError naming what to change."""
    where = path.name
    try:
        raw = load_yaml(path)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise KindError(f"{where}: not readable as YAML: {error}") from error
    if not isinstance(raw, dict):
        raise KindError(f"{where}: expected a mapping with `kind:`, `name:`, `fields:`")
    for needed in ("kind", "name", "english", "department", "subject", "key", "fields"):
        if needed not in raw:
            raise KindError(f"{where}: `{needed}:` is missing")
    if raw["subject"] not in SUBJECTS:
        raise KindError(f"{where}: subject must be one of {', '.join(SUBJECTS)}")
    if raw.get("layout", "flat") not in LAYOUTS:
        raise KindError(f"{where}: layout must be one of {', '.join(LAYOUTS)}")
    fields = tuple(_field(entry, shared, where, types) for entry in raw["fields"])
    by_name = {f.name: f for f in fields}
    if len(by_name) != len(fields):
        raise KindError(f"{where}: a field stands twice")
    for name in _strings(raw["key"]):
        if name not in by_name:
            raise KindError(f"{where}: key field {name} is not among the fields")
    checks = tuple(Check(**c) for c in raw.get("checks", []))
    for check in checks:
        if check.check not in CHECKS or check.field not in by_name or check.other not in by_name:
            raise KindError(f"{where}: check {check} names an unknown check or field")
    joins = tuple(
        Join(str(j["field"]), tuple(_strings(j["of"])), str(j.get("with", ""))) for j in raw.get("joins", [])
    )
    for join in joins:
        if any(name not in by_name for name in (join.field, *join.of)):
            raise KindError(f"{where}: join {join} names an unknown field")
    return Kind(
        code=str(raw["kind"]),
        name=str(raw["name"]),
        english=str(raw["english"]),
        department=str(raw["department"]),
        subject=str(raw["subject"]),
        fields=fields,
        key=tuple(_strings(raw["key"])),
        titles=tuple(_strings(raw.get("titles"))),
        layout=str(raw.get("layout", "flat")),
        series=bool(raw.get("series", False)),
        generic=bool(raw.get("generic", False)),
        own=bool(raw.get("own", False)),
        checks=checks,
        joins=joins,
        by_name=by_name,
    )


def load_kinds(extra: Sequence[Path] = ()) -> dict[str, Kind]:
    """All kinds by code: the product's own, then those of `extra` folders (a same code replaces).

    Raises KindError for the first file that cannot be used.
    """
    return dict(_load(tuple(extra)))


@cache
def _load(extra: tuple[Path, ...]) -> dict[str, Kind]:
    from chunfeng.engines.sheets.values import TYPES

    shared: dict[str, dict[str, Any]] = load_yaml(OWN_KINDS / "_fields.yaml")
    kinds: dict[str, Kind] = {}
    for folder in (OWN_KINDS, *extra):
        for path in sorted(folder.glob("*.yaml")):
            if path.name.startswith("_"):
                continue
            kind = read_kind(path, shared, TYPES)
            kinds[kind.code] = kind
    return kinds
