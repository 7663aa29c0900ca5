"""Whose word counts for which field: the table `survivorship.yaml`, read and checked.

A mistake in the table is an error that names its line, since a clerk may edit it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

OWN_TABLE = Path(__file__).with_name("survivorship.yaml")
FIELDS = (
    "name", "former_name", "sex", "birth", "ethnicity", "education", "marital_status", "hukou_kind",
    "hukou_address", "hukou_region", "stay_address", "stay_region", "phone", "disability_kind", "disability_grade",
)  # fmt: skip
"""Fields a table must decide, each once."""
ORDERS = ("rule", "newest", "most", "lane")
CLAIMED = ("claims.name", "claims.name_defect", "claims.birth", "claims.region")
"""Columns that come from the claims, not from the extract. `name_defect`: why a name is no full name."""
_OF_FIELD = ("takes", "and", "order", "behind", "levels", "shared_by_at_most", "rules")
_OF_RULE = ("kinds", "any", "takes", "why")


class SurvivorshipError(ValueError):
    """The table cannot be used; the message names file, line and what to change, Chinese first."""


@dataclass(frozen=True, slots=True)
class Rule:
    """Lists of `kinds` (empty: any list) may decide; `takes` the columns that say the value, first filled one counts."""

    kinds: tuple[str, ...]
    takes: tuple[str, ...]
    why: str


@dataclass(frozen=True, slots=True)
class FieldRules:
    """All about one field; meanings of the settings stand at the head of the table."""

    name: str
    takes: tuple[str, ...]
    rules: tuple[Rule, ...]
    more: tuple[str, ...]
    order: tuple[str, ...]
    behind: tuple[str, ...]
    levels: tuple[int, ...]
    shared_by_at_most: int | None
    first: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Survivorship:
    """`dated_by`: kind → columns that date its rows; `fields`: field → its rules, in the order of FIELDS."""

    dated_by: Mapping[str, tuple[str, ...]]
    fields: Mapping[str, FieldRules]

    def columns(self) -> tuple[str, ...]:
        """All columns of extracts that any rule reads, sorted."""
        used = {c for columns in self.dated_by.values() for c in columns}
        for field in self.fields.values():
            used.update(field.takes, field.more, field.behind, *(rule.takes for rule in field.rules))
        return tuple(sorted(used - set(CLAIMED)))


@cache
def own_table() -> Survivorship:
    """The product's own table."""
    return read_table(OWN_TABLE)


def read_table(path: Path) -> Survivorship:
    """A table from a file. Raises SurvivorshipError naming the line of the first mistake."""
    try:
        root = yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise SurvivorshipError(
            f"{path.name}：读不出来，请检查 YAML 格式 / not readable as YAML: {error}"
        ) from error
    return _Reader(path.name).table(root)


class _Reader:
    """Walks the nodes rather than plain values, since only they know their line."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.kinds: frozenset[str] = frozenset()
        self.first: tuple[str, ...] = ()

    def table(self, root: yaml.Node | None) -> Survivorship:
        top = self.mapping(root, ("kinds", "first", "fields"))
        kinds = self.entries(self.needed(top, "kinds", root))
        dated_by = {kind: self.texts(columns) for kind, (_, columns) in kinds.items()}
        self.kinds = frozenset(dated_by)
        self.first = self.texts(top["first"]) if "first" in top else ()
        for kind in self.first:
            if kind not in self.kinds:
                raise self.error(top["first"], f"没有名单种类 {kind}，要先写进 kinds", f"unknown kind {kind}")
        entries = self.entries(self.needed(top, "fields", root))
        for name, (key, _) in entries.items():
            if name not in FIELDS:
                raise self.error(key, f"没有字段 {name}，可用 {'、'.join(FIELDS)}", f"unknown field {name}")
        for name in FIELDS:
            if name not in entries:
                raise self.error(root, f"缺少字段 {name}", f"field {name} is missing")
        return Survivorship(dated_by, {name: self.field(name, entries[name][1]) for name in FIELDS})

    def field(self, name: str, node: yaml.Node) -> FieldRules:
        settings = self.mapping(node, _OF_FIELD)
        takes = self.texts(self.needed(settings, "takes", node))
        rules = self.needed(settings, "rules", node)
        if not isinstance(rules, yaml.SequenceNode) or not rules.value:
            raise self.error(rules, "rules 要列出至少一条规则", "rules must list at least one rule")
        read: list[Rule] = []
        for rule in rules.value:
            if read and not read[-1].kinds:
                raise self.error(
                    rule, "any: true 之后的规则永远用不到", "a rule after `any: true` is never reached"
                )
            read.append(self.rule(rule, takes, {kind for earlier in read for kind in earlier.kinds}))
        order = self.texts(settings["order"]) if "order" in settings else ("rule", "newest", "most", "lane")
        if sorted(order) != sorted(ORDERS):
            raise self.error(
                settings["order"], f"order 要写全 {'、'.join(ORDERS)}", "order must name each once"
            )
        return FieldRules(
            name=name,
            takes=takes,
            rules=tuple(read),
            more=self.texts(settings["and"]) if "and" in settings else (),
            order=order,
            behind=self.texts(settings["behind"]) if "behind" in settings else (),
            levels=self.levels(settings["levels"]) if "levels" in settings else (),
            shared_by_at_most=self.number(settings["shared_by_at_most"])
            if "shared_by_at_most" in settings
            else None,
            first=self.first,
        )

    def rule(self, node: yaml.Node, takes: tuple[str, ...], earlier: set[str]) -> Rule:
        settings = self.mapping(node, _OF_RULE)
        why = self.needed(settings, "why", node)
        if not isinstance(why, yaml.ScalarNode) or not why.value.strip():
            raise self.error(why, "why 要写一句理由", "why must be a sentence")
        own = self.texts(settings["takes"]) if "takes" in settings else takes
        if "any" in settings:
            if "kinds" in settings or settings["any"].value != "true":
                raise self.error(
                    node, "any 只能写 true，且不与 kinds 同用", "`any: true` stands without kinds"
                )
            return Rule((), own, why.value)
        kinds = self.texts(self.needed(settings, "kinds", node))
        for kind in kinds:
            if kind not in self.kinds:
                raise self.error(
                    settings["kinds"], f"没有名单种类 {kind}，要先写进 kinds", f"unknown kind {kind}"
                )
            if kind in earlier:
                raise self.error(
                    settings["kinds"], f"{kind} 在前面的规则里已经有了", f"{kind} stands in two rules"
                )
        if not kinds:
            raise self.error(settings["kinds"], "kinds 不能为空", "kinds must not be empty")
        return Rule(kinds, own, why.value)

    def mapping(self, node: yaml.Node | None, allowed: tuple[str, ...]) -> dict[str, yaml.Node]:
        entries = self.entries(node)
        for name, (key, _) in entries.items():
            if name not in allowed:
                raise self.error(
                    key, f"没有设置 {name}，可用 {'、'.join(allowed)}", f"unknown setting {name}"
                )
        return {name: value for name, (_, value) in entries.items()}

    def entries(self, node: yaml.Node | None) -> dict[str, tuple[yaml.Node, yaml.Node]]:
        if not isinstance(node, yaml.MappingNode):
            raise self.error(node, "这里应是“名称: 内容”", "expected a mapping")
        found: dict[str, tuple[yaml.Node, yaml.Node]] = {}
        for key, value in node.value:
            if key.value in found:
                raise self.error(key, f"{key.value} 写了两次", f"{key.value} stands twice")
            found[key.value] = (key, value)
        return found

    def needed(self, settings: Mapping[str, yaml.Node], name: str, node: yaml.Node | None) -> yaml.Node:
        if name not in settings:
            raise self.error(node, f"缺少 {name}", f"{name} is missing")
        return settings[name]

    def texts(self, node: yaml.Node) -> tuple[str, ...]:
        if not isinstance(node, yaml.SequenceNode) or any(
            not isinstance(v, yaml.ScalarNode) for v in node.value
        ):
            raise self.error(node, "这里应是列表 [甲, 乙]", "expected a list of words")
        for value in node.value:
            if value.value.startswith("claims.") and value.value not in CLAIMED:
                raise self.error(
                    value, f"没有列 {value.value}，可用 {'、'.join(CLAIMED)}", f"unknown column {value.value}"
                )
        return tuple(str(v.value) for v in node.value)

    def levels(self, node: yaml.Node) -> tuple[int, ...]:
        numbers = tuple(self.number(v) for v in node.value) if isinstance(node, yaml.SequenceNode) else ()
        if not numbers or list(numbers) != sorted(set(numbers)):
            raise self.error(node, "levels 要从小到大列出长度", "levels must list rising lengths")
        return numbers

    def number(self, node: yaml.Node) -> int:
        if not isinstance(node, yaml.ScalarNode) or not node.value.isdecimal():
            raise self.error(node, "这里应是整数", "expected a whole number")
        return int(node.value)

    def error(self, node: yaml.Node | None, chinese: str, english: str) -> SurvivorshipError:
        line = node.start_mark.line + 1 if node is not None else 1
        return SurvivorshipError(f"{self.file} 第{line}行：{chinese} / line {line}: {english}")
