"""Example cases of rules, as policy people write them: read, run, and held to the promise of one yes, no, unknown and edge day."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import yaml

from chunfeng.engines.rules.catalogue import Catalogue
from chunfeng.engines.rules.entries import Entries, RawRule
from chunfeng.engines.rules.records import Book, Case, Example, Rule, Version
from chunfeng.engines.rules.tree import (
    AsOf,
    Between,
    Compare,
    Members,
    Named,
    Node,
    Value,
    children,
    operands,
)
from chunfeng.engines.rules.walk import WORDS, Answer, Walker
from chunfeng.engines.rules.yaml_nodes import Reader, line_of

_KEYS = ("is", "as_of", "because", "facts", "base", "members", "area")
_ANSWERS: dict[str, Answer] = {
    "yes": True, "true": True, "是": True, "no": False, "false": False, "否": False, "unknown": None, "未知": None,
}  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """What an example got: `answer`, from `version` (None: none in force); `edge`: one day earlier or later it would differ."""

    rule: Rule
    example: Example
    answer: Answer
    version: Version | None
    edge: bool

    @property
    def right(self) -> bool:
        """Whether the answer is the one asked for."""
        return self.answer is self.example.answer


def run_examples(book: Book, rules: Iterable[str] | None = None) -> list[Outcome]:
    """Every example of the book (or of those rules) through the walker."""
    chosen = book.rules.values() if rules is None else [book.rules[name] for name in rules]
    return [_run(book, rule, example) for rule in chosen for example in rule.examples]


def _run(book: Book, rule: Rule, example: Example) -> Outcome:
    step = Walker(book, example.as_of).name(rule.rule, example.case)
    version = step.version

    def on(day: date) -> Answer:
        assert version is not None
        return Walker(book, day).version(version, example.case).answer

    beside = (example.as_of + timedelta(days=by) for by in (-1, 1))
    edge = version is not None and any(on(day) is not step.answer for day in beside)
    return Outcome(rule, example, step.answer, version, edge)


def lacking(book: Book, version: Version, outcomes: Iterable[Outcome]) -> list[str]:
    """Which of yes, no, unknown and edge day no example of the version shows. A version without any date needs no edge day."""
    mine = [o for o in outcomes if o.version is version]
    missing = [WORDS[a] for a in (True, False, None) if not any(o.example.answer is a for o in mine)]
    if has_dates(book, version.when) and not any(o.edge for o in mine):
        missing.append("boundary")
    return missing


def has_dates(book: Book, node: Node, seen: frozenset[str] = frozenset()) -> bool:
    """Whether the answer can change by the passing of time alone."""
    if isinstance(node, Named):
        if node.name in seen:
            return False
        return any(has_dates(book, v.when, seen | {node.name}) for v in book.rules[node.name].versions)
    if isinstance(node, Compare | Between):
        if book.catalogue.facts[node.fact].type != "date":
            return False
        return node.unit != "value" or any(isinstance(o, AsOf) for o in operands(node))
    if isinstance(node, Members):
        return has_dates(book, node.part, seen)
    return any(has_dates(book, child, seen) for child in children(node))


class ExampleReader:
    """Reads the examples of one book's files."""

    def __init__(self, catalogue: Catalogue, entries: Entries) -> None:
        self.catalogue, self.entries = catalogue, entries

    def read(self, rule: RawRule) -> list[Example]:
        """All examples of the rule that are written rightly; defects are noted at its reader."""
        rule.reader.subject = rule.rule
        return [example for node in rule.examples if (example := self._example(rule, node)) is not None]

    def _example(self, rule: RawRule, node: yaml.Node) -> Example | None:
        reader = rule.reader
        noted = len(reader.defects)
        entry = reader.mapping(node, _KEYS, ("is", "as_of", "because"))
        answer = _ANSWERS.get(reader.text(entry.get("is")).lower(), "?")
        if answer == "?":
            reader.defect(entry.get("is", node), "is 要写 yes、no 或 unknown", "写三者之一 / three answers")
        as_of = reader.day(entry.get("as_of"), date(1900, 1, 1))
        area = reader.text(entry.get("area")) or _default_area(rule, as_of)
        members: tuple[Case, ...] | None = None
        if "members" in entry:
            members = tuple(self._member(reader, item, area) for item in reader.items(entry["members"]))
        facts = self._with_bases(reader, entry, rule.entity)
        case = Case(facts, area, members, rule.entity)
        if len(reader.defects) > noted:
            return None
        because = reader.text(entry.get("because"))
        return Example(
            None if answer is None else bool(answer), as_of, because, case, reader.file, line_of(node)
        )

    def _member(self, reader: Reader, node: yaml.Node, area: str) -> Case:
        entry = reader.mapping(node)
        own: dict[str, yaml.Node] = {k: entry[k] for k in ("base", "facts") if k in entry}
        facts = self._with_bases(reader, own, "person")
        for key, value in entry.items():
            if key not in ("base", "facts", "area"):
                self._fact(reader, key, value, "person", facts)
        return Case(facts, reader.text(entry.get("area")) or area)

    def _with_bases(
        self, reader: Reader, entry: Mapping[str, yaml.Node], entity: str
    ) -> dict[str, Value | None]:
        facts: dict[str, Value | None] = {}
        for base in reader.texts(entry.get("base")) if "base" in entry else ():
            self._base(reader, entry["base"], base, entity, facts, ())
        if "facts" in entry:
            for name, node in reader.mapping(entry["facts"]).items():
                self._fact(reader, name, node, entity, facts)
        return facts

    def _base(
        self,
        reader: Reader,
        at: yaml.Node,
        name: str,
        entity: str,
        facts: dict[str, Value | None],
        within: tuple[str, ...],
    ) -> None:
        homes = [key for key in self.entries.bases if key[1] == name]
        home = (
            (reader.file, name) if (reader.file, name) in homes else (homes[0] if len(homes) == 1 else None)
        )
        if home is None or name in within:
            what = "绕回了自己" if name in within else "没有" if not homes else "在几个文件里"
            reader.defect(at, f"base {name} {what}", "在 bases 下写它，名称不重复 / no such base")
            return
        for key, node in reader.mapping(self.entries.bases[home]).items():
            if key == "from":
                for other in reader.texts(node):
                    self._base(reader, at, other, entity, facts, (*within, name))
            else:
                self._fact(reader, key, node, entity, facts)

    def _fact(
        self, reader: Reader, name: str, node: yaml.Node, entity: str, facts: dict[str, Value | None]
    ) -> None:
        fact = self.catalogue.facts.get(name)
        if fact is None:
            fact = next((f for f in self.catalogue.of(entity).values() if f.name == name), None)
        if fact is None or fact.entity != entity:
            reader.defect(node, f"例子用到的 {name[:40]} 不是 {entity} 的事实", "从事实目录选 / unknown fact")
            return
        try:
            facts[fact.fact] = fact.read(reader.text(node))
        except ValueError as error:
            reader.defect(node, f"{fact.name} 的值 {reader.text(node)[:40]} 不对", f"写{error}")


def _default_area(rule: RawRule, day: date) -> str:
    """Where an example plays that does not say: the widest area with a version on that day."""
    areas = sorted(
        {v.area for v in rule.versions if v.valid_from <= day <= v.valid_to}, key=lambda a: (len(a), a)
    )
    return areas[0] if areas else ""
