"""The catalogue of facts: what may be known of a person, household or employer, how it is typed, and what absence means."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import polars as pl
import yaml

from chunfeng.engines.rules.defects import BookError, Defect
from chunfeng.engines.rules.grammar import RESERVED
from chunfeng.engines.rules.tree import Value
from chunfeng.engines.rules.yaml_nodes import Reader, as_day, line_of

ENTITIES = ("person", "household", "employer")
TYPES = ("yes_no", "date", "integer", "decimal", "code")
ABSENCES = ("open", "closed", "adverse_only")
SCALE = 4
"""Digits behind the point of a decimal fact."""
COLUMNS: Mapping[str, pl.DataType | type[pl.DataType]] = {
    "yes_no": pl.Boolean, "date": pl.Date, "integer": pl.Int64, "decimal": pl.Decimal(18, SCALE), "code": pl.String,
}  # fmt: skip
"""Type of a fact → type of its column in the wide table."""
_KEYS = (
    "fact", "name", "english", "entity", "type", "values", "unit", "absence", "sources", "shelf_life", "applies_when",
    "evidence", "note",
)  # fmt: skip
_FOR_OTHERS = ("clear", "reading")
_TOP = ("facts", "readings", "conflicts")
"""Keys that only whoever fills the facts understands; kept as plain data, or left alone."""
NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")


@dataclass(frozen=True, slots=True)
class Fact:
    """One entry. `values`: code → Chinese label; `shelf_life` in days (None: does not age); `absence`: one of ABSENCES.

    `extra`: what concerns the filling of the fact alone, as plain data.
    """

    fact: str
    name: str
    english: str
    entity: str
    type: str
    values: Mapping[str, str]
    unit: str
    absence: str
    sources: tuple[str, ...]
    shelf_life: int | None
    applies_when: str
    evidence: str
    note: str
    extra: Mapping[str, Any] = field(default_factory=dict, compare=False)
    file: str = field(default="", compare=False)
    line: int = field(default=0, compare=False)

    def read(self, text: str) -> Value | None:
        """A value as written in YAML or CSV: None for unknown. Raises ValueError saying what is expected."""
        word = text.strip()
        if word.lower() in ("", "unknown", "null", "~", "未知"):
            return None
        if self.type == "yes_no":
            if word.lower() in ("true", "yes", "1", "是"):
                return True
            if word.lower() in ("false", "no", "0", "否"):
                return False
            raise ValueError("true 或 false / true or false")
        if self.type == "date":
            day = as_day(word)
            if day is None:
                raise ValueError("日期，如 2023-01-15 / a day")
            return day
        if self.type == "code":
            labels = {label: code for code, label in self.values.items()}
            if word not in self.values and word not in labels:
                raise ValueError("、".join(self.values) + " 之一 / one of these")
            return word if word in self.values else labels[word]
        try:
            number = Decimal(word)
        except InvalidOperation:
            raise ValueError("数字 / a number") from None
        if not number.is_finite() or abs(number) >= 10**14:
            raise ValueError("不超过 14 位的数字 / a number of at most 14 digits")
        if self.type == "integer":
            if number != number.to_integral_value():
                raise ValueError("整数 / a whole number")
            return int(number)
        if round(number, SCALE) != number:
            raise ValueError(f"至多 {SCALE} 位小数 / at most {SCALE} decimals")
        return number

    def shown(self, value: Value | None) -> str:
        """The value in Chinese."""
        if value is None:
            return "未知"
        if isinstance(value, bool):
            return "是" if value else "否"
        if isinstance(value, date):
            return value.isoformat()
        if isinstance(value, str):
            return self.values.get(value, value)
        text = f"{value.normalize():f}" if isinstance(value, Decimal) else str(value)
        return text + self.unit


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All facts by their English name."""

    facts: Mapping[str, Fact]

    def of(self, entity: str) -> dict[str, Fact]:
        """The facts of one entity."""
        return {name: fact for name, fact in self.facts.items() if fact.entity == entity}

    def schema(self, entity: str) -> dict[str, pl.DataType | type[pl.DataType]]:
        """Columns of the entity's wide facts table: its key, for persons `household`, `area` (county code), the facts."""
        keys: dict[str, pl.DataType | type[pl.DataType]] = {entity: pl.String()}
        if entity == "person":
            keys["household"] = pl.String()
        keys["area"] = pl.String()
        return keys | {name: COLUMNS[fact.type] for name, fact in self.of(entity).items()}


def load_catalogue(*paths: Path) -> Catalogue:
    """The catalogue from one or more YAML files. Raises BookError with all defects."""
    defects: list[Defect] = []
    facts: dict[str, Fact] = {}
    for path in paths:
        reader = Reader(path.name, defects)
        try:
            text = path.read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            reader.defect(1, f"文件读不出来：{error}", "存为 UTF-8 / not readable")
            continue
        root = reader.compose(text)
        if root is None:
            if not defects:
                reader.defect(1, "文件是空的", "写 facts: / empty file")
            continue
        for node in reader.items(reader.mapping(root, _TOP, ("facts",)).get("facts")):
            fact = _fact(reader, node)
            if fact is None:
                continue
            if fact.fact in facts:
                earlier = facts[fact.fact]
                reader.defect(
                    node, f"事实 {fact.fact} 已在 {earlier.file}:{earlier.line}", "换名或删去一处 / twice"
                )
            facts[fact.fact] = fact
        reader.subject = ""
    _check_guards(facts, defects)
    if defects:
        raise BookError(defects)
    return Catalogue(facts)


def _fact(reader: Reader, node: yaml.Node) -> Fact | None:
    name = reader.name_subject(node, "fact")
    entry = reader.mapping(
        node, _KEYS + _FOR_OTHERS, ("fact", "name", "english", "entity", "type", "absence", "evidence")
    )
    if not NAME.fullmatch(name) or name.upper() in RESERVED:
        reader.defect(node, f"事实名 {name!r} 不合规", "小写英文、数字、下划线，字母开头 / snake_case")
        return None
    kind = reader.one_of(entry.get("type"), TYPES)
    values: dict[str, str] = {}
    if "values" in entry:
        values = {code: reader.text(label) for code, label in reader.mapping(entry["values"]).items()}
    if (kind == "code") != bool(values):
        reader.defect(
            entry.get("values", node),
            "values 只用于、也必须用于 code",
            "写 values: {urban: 城镇} / codes need values",
        )
    if any("'" in code or len(code) > 64 for code in values):
        reader.defect(entry["values"], "代码值不能有单引号，最长 64 字", "换代码值 / no quotes in codes")
    if len(set(values.values()) | set(values)) < len(values) + len(set(values.values()) - set(values)) or len(
        set(values.values())
    ) < len(values):
        reader.defect(entry["values"], "代码值的中文名重复", "每个代码一个中文名 / labels must differ")
    shelf_life: int | None = None
    if reader.text(entry.get("shelf_life")).lower() not in ("", "null", "~"):
        text = reader.text(entry["shelf_life"])
        if not re.fullmatch(r"[1-9]\d{0,4}", text, re.ASCII):
            reader.defect(entry["shelf_life"], f"shelf_life {text} 不是天数", "写天数，如 62 / days")
        else:
            shelf_life = int(text)
    return Fact(
        name,
        reader.text(entry.get("name")),
        reader.text(entry.get("english")),
        reader.one_of(entry.get("entity"), ENTITIES),
        kind,
        values,
        reader.text(entry.get("unit")),
        reader.one_of(entry.get("absence"), ABSENCES),
        reader.texts(entry.get("sources")),
        shelf_life,
        reader.text(entry.get("applies_when")),
        reader.text(entry.get("evidence")),
        reader.text(entry.get("note")),
        {key: reader.plain(entry[key]) for key in _FOR_OTHERS if key in entry},
        reader.file,
        line_of(node),
    )


def _check_guards(facts: Mapping[str, Fact], defects: list[Defect]) -> None:
    """`applies_when` names a yes_no fact of the same entity; Chinese names of one entity differ."""
    named: dict[tuple[str, str], Fact] = {}
    for fact in facts.values():
        guard = facts.get(fact.applies_when)
        good = guard and guard.type == "yes_no" and guard.entity == fact.entity and guard is not fact
        if fact.applies_when and not good:
            what = f"applies_when {fact.applies_when} 不是同一主体的是否类事实"
            defects.append(
                Defect(fact.file, fact.line, fact.fact, what, "写目录中的是否类事实 / a yes_no fact")
            )
        twin = named.setdefault((fact.entity, fact.name), fact)
        if twin is not fact:
            what = f"中文名 {fact.name} 与 {twin.fact} 相同"
            defects.append(Defect(fact.file, fact.line, fact.fact, what, "换中文名 / names must differ"))
