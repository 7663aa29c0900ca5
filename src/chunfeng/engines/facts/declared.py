"""What the catalogue declares of each fact as far as deriving needs it: type, absence, sources, shelf life, readings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
import yaml

COLUMNS: Mapping[str, pl.DataType | type[pl.DataType]] = {
    "yes_no": pl.Boolean, "date": pl.Date, "integer": pl.Int64, "decimal": pl.Decimal(18, 4), "code": pl.String,
}  # fmt: skip
"""Type of a fact → type of its column."""
YES, NO = "true", "false"
"""How a yes_no fact is written as text."""


class DeclarationError(ValueError):
    """The catalogue cannot be used for deriving; the message names the fact and what to change."""


@dataclass(frozen=True, slots=True)
class Declared:
    """One fact. `labels`: code → Chinese; `clear`: the value absence gives, as text; None where absence is unknown."""

    fact: str
    name: str
    entity: str
    type: str
    labels: Mapping[str, str]
    absence: str
    clear: str | None
    sources: tuple[str, ...]
    shelf_life: int | None
    applies_when: str | None


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two facts that cannot both hold, or one of which lists differ (`beside` None). `name` says which counts."""

    conflict: str
    fact: str
    beside: str | None
    severity: str
    name: str
    message: str
    do: str


@dataclass(frozen=True, slots=True)
class Declarations:
    """All facts in the order of the catalogue, the readings chosen where documents leave a condition open, the conflicts."""

    facts: Mapping[str, Declared]
    readings: Mapping[str, bool | int]
    conflicts: tuple[Conflict, ...]

    def of(self, entity: str) -> dict[str, Declared]:
        """The facts of one entity."""
        return {name: fact for name, fact in self.facts.items() if fact.entity == entity}

    def yes(self, reading: str) -> bool:
        """A reading that is a choice between two."""
        return bool(self.readings[reading])


def read_declarations(path: Path) -> Declarations:
    """The catalogue of a YAML file (`reference/rules/facts.yaml`). Raises DeclarationError."""
    root = yaml.safe_load(path.read_text(encoding="utf-8"))
    facts = [_declared(entry) for entry in root["facts"]]
    conflicts = tuple(
        Conflict(
            c["conflict"],
            c["fact"],
            c.get("beside"),
            c.get("severity", ""),
            c["name"],
            c.get("message", ""),
            c.get("do", ""),
        )
        for c in root["conflicts"]
    )
    known = {f.fact: f for f in facts}
    for conflict in conflicts:
        if strange := {conflict.fact, conflict.beside or conflict.fact} - set(known):
            raise DeclarationError(
                f"facts.yaml conflicts {conflict.conflict}: 没有事实 {sorted(strange)} / unknown fact"
            )
    return Declarations(known, {r["reading"]: r["value"] for r in root["readings"]}, conflicts)


def _declared(entry: Mapping[str, Any]) -> Declared:
    name, absence = entry["fact"], entry["absence"]
    clear = entry.get("clear")
    if clear is None and absence == "closed" and entry["type"] == "yes_no":
        clear = False
    if (absence == "open") != (clear is None):
        raise DeclarationError(
            f"facts.yaml {name}: absence {absence} 与 clear 不符：open 不写 clear，其余要写 / `clear` goes with absence"
        )
    labels = {str(code): label for code, label in entry.get("values", {}).items()}
    text = None if clear is None else (YES if clear else NO) if isinstance(clear, bool) else str(clear)
    return Declared(
        name, entry["name"], entry["entity"], entry["type"], labels, absence, text, tuple(entry.get("sources", ())),
        entry.get("shelf_life"), entry.get("applies_when"),
    )  # fmt: skip
