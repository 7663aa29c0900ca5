"""The rule book: loaded from YAML files and checked as a whole, or refused as a whole with every defect named.

book = load_book([folder], load_catalogue(file))       # BookError lists file, line, rule and mend
book, defects = replace_book(book, [folder], catalogue)  # defective files: the previous book stays in force
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from chunfeng.engines.rules import checks, grammar, sense
from chunfeng.engines.rules.catalogue import Catalogue
from chunfeng.engines.rules.days import FIRST
from chunfeng.engines.rules.defects import BookError, ConditionError, Defect
from chunfeng.engines.rules.entries import Entries, RawRule, RawVersion
from chunfeng.engines.rules.examples import ExampleReader, lacking, run_examples
from chunfeng.engines.rules.parameters import Scoped, first_gap, overlapping
from chunfeng.engines.rules.records import Book, Rule, Version
from chunfeng.engines.rules.tree import Node, Value, names, nodes, parameters
from chunfeng.engines.rules.walk import WORDS
from chunfeng.engines.rules.yaml_nodes import Reader

MOST_FILES, LARGEST_TREE = 2000, 5000
"""Caps on files of a book and on the tests of one rule with all its definitions written out."""
_REFERENCE_DAY = date(2023, 1, 15)
"""Judges definitions that hold at all times; any day does, since only the order of days matters there."""


def load_book(paths: Iterable[Path], catalogue: Catalogue, *, examples: bool = True) -> Book:
    """A book from files and folders (all `*.yaml` below). Every version must have passing examples of yes, no, unknown and,
    where days count, an edge day. Raises BookError with all defects of all files; nothing of a defective book is used.

    `examples` False leaves the examples aside: to look at a book that is being written, never to decide by it.
    """
    defects: list[Defect] = []
    entries = Entries()
    digest = hashlib.sha256()
    for path, label in _files(paths, defects):
        reader = Reader(label, defects)
        try:
            text = path.read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            reader.defect(1, f"文件读不出来：{error}", "存为 UTF-8 / not readable")
            continue
        digest.update(f"{label}\0{len(text)}\0{text}".encode())
        root = reader.compose(text)
        if root is not None:
            entries.read(reader, root)
    book = _Resolver(catalogue, entries, defects).book(digest.hexdigest())
    if defects:
        raise BookError(defects)
    if examples:
        _check_examples(book, defects)
    if defects:
        raise BookError(defects)
    return book


def replace_book(
    current: Book | None, paths: Iterable[Path], catalogue: Catalogue
) -> tuple[Book | None, tuple[Defect, ...]]:
    """The book to use from now on: the new one, or the current one with what is wrong with the new."""
    try:
        return load_book(paths, catalogue), ()
    except BookError as error:
        return current, error.defects


def _files(paths: Iterable[Path], defects: list[Defect]) -> list[tuple[Path, str]]:
    """Files with the name they have in messages: relative to the folder given."""
    found: list[tuple[Path, str]] = []
    for path in paths:
        if path.is_dir():
            below = sorted(p for p in path.rglob("*") if p.suffix in (".yaml", ".yml") and p.is_file())
            found.extend((p, p.relative_to(path).as_posix()) for p in below)
        else:
            found.append((path, path.name))
    if len(found) > MOST_FILES:
        defects.append(
            Defect("", 1, "", f"规则文件 {len(found)} 个，上限 {MOST_FILES}", "合并文件 / too many files")
        )
    return found[:MOST_FILES]


class _Resolver:
    """Looks names up in the order of what refers to what, and checks everything but the examples."""

    def __init__(self, catalogue: Catalogue, entries: Entries, defects: list[Defect]) -> None:
        self.catalogue, self.entries, self.defects = catalogue, entries, defects
        self.named: dict[str, checks.NameInBook] = {}
        self.rules: dict[str, Rule] = {}
        self.sizes: dict[str, int] = {}

    def book(self, fingerprint: str) -> Book:
        """The book; of use only when no defect was noted."""
        self._parameters()
        order = self._order()
        examples = ExampleReader(self.catalogue, self.entries)
        for name in order:
            raw = self.entries.rules[name]
            raw.reader.subject = name
            versions = tuple(v for r in raw.versions if (v := self._version(raw, r)) is not None)
            self._add(raw, versions, tuple(examples.read(raw)))
        self._versions()
        self._extras()
        return Book(self.catalogue, self.entries.parameters, self.rules, self.entries.pages, fingerprint)

    def _defect(
        self, where: RawRule | RawVersion | Rule | Version, subject: str, what: str, mend: str
    ) -> None:
        file = where.reader.file if isinstance(where, RawRule) else where.file
        self.defects.append(Defect(file, where.line, subject, what, mend))

    def _parameters(self) -> None:
        for parameter in self.entries.parameters.values():
            for earlier, later in overlapping(parameter.values):
                what = f"与第 {earlier.line} 行的值在 {later.valid_from} 重叠"
                self.defects.append(
                    Defect(
                        later.file, later.line, parameter.name, what, "改 from、to 或 area / values overlap"
                    )
                )

    def _order(self) -> list[str]:
        """Names, each after those it refers to. Names in a circle are defects and left out."""
        raws = self.entries.rules
        known = {raw.name: name for name, raw in raws.items() if raw.kind == "definition"} | {
            n: n for n in raws
        }
        refers: dict[str, list[str]] = {}
        for name, raw in raws.items():
            words = (w for v in raw.versions if v.syntax is not None for w in grammar.names(v.syntax))
            refers[name] = sorted({known[w] for w in words if w in known and w not in self.catalogue.facts})
        for name, raw in raws.items():
            if name in self.catalogue.facts:
                self._defect(raw, name, f"{name} 已是事实的名称", "换名 / the name of a fact")
        waiting = {name: set(others) for name, others in refers.items()}
        order: list[str] = []
        ready = sorted(name for name, others in waiting.items() if not others)
        users: dict[str, list[str]] = {}
        for name, others in refers.items():
            for other in others:
                users.setdefault(other, []).append(name)
        while ready:
            name = ready.pop(0)
            order.append(name)
            for user in users.get(name, ()):
                waiting[user].discard(name)
                if not waiting[user]:
                    ready.append(user)
        for name in sorted(set(raws) - set(order)):
            circle = "、".join(sorted(waiting[name])[:5])
            self._defect(
                raws[name], name, f"绕回了自己，或引用了绕圈的 {circle}", "断开循环引用 / refers to itself"
            )
        return order

    def _version(self, raw: RawRule, version: RawVersion) -> Version | None:
        if version.syntax is None:
            return None
        scope = checks.Scope(self.catalogue, self.entries.parameters, self.named, raw.entity)
        try:
            tree = checks.check(version.syntax, scope)
        except ConditionError as error:
            self._defect(version, raw.rule, f"when 第{error.at}字：{error.what}", error.mend)
            return None
        size = sum(self.sizes.get(getattr(n, "name", ""), 1) for n in nodes(tree))
        self.sizes[raw.rule] = max(self.sizes.get(raw.rule, 1), size)
        if size > LARGEST_TREE:
            what = f"连同定义共 {size} 项，上限 {LARGEST_TREE}"
            self._defect(version, raw.rule, what, "减少层层引用 / too large when written out")
            return None
        found = sense.fault(
            tree, self.catalogue, lambda name: self._meaning(name, version), lambda name: self._value(name, version),
            max(version.valid_from, date(1950, 1, 1)) if version.valid_from > FIRST else _REFERENCE_DAY,
        )  # fmt: skip
        if found is not None:
            self._defect(version, raw.rule, *found)
        return Version(
            raw.rule, version.version, version.valid_from, version.valid_to, version.area, version.source,
            version.reading, version.text, tree, version.extra, version.file, version.line,
        )  # fmt: skip

    def _meaning(self, name: str, version: RawVersion) -> Node | None:
        rule = self.rules[name]
        if rule.kind != "definition":
            return None
        at = rule.at("", max(version.valid_from, FIRST)) or (rule.versions[-1] if rule.versions else None)
        return None if at is None else at.when

    def _value(self, name: str, version: RawVersion) -> Value | None:
        found = self.entries.parameters[name].at(version.area, version.valid_from)
        values = (
            [found] if found else [v for v in self.entries.parameters[name].values if v.value is not None]
        )
        return values[0].value if values else None

    def _add(self, raw: RawRule, versions: tuple[Version, ...], examples: tuple[Any, ...]) -> None:
        trees = [v.when for v in versions]
        household = any(checks.household_bound(tree, self.named) for tree in trees)
        yes = [checks.required(tree, self.named) for tree in trees]
        no = [checks.required(tree, self.named, False) for tree in trees]
        self.named[raw.rule] = checks.NameInBook(
            raw.rule, raw.name, raw.entity, raw.kind == "definition", household,
            frozenset.intersection(*yes) if yes else frozenset(), frozenset.intersection(*no) if no else frozenset(),
        )  # fmt: skip
        self.rules[raw.rule] = Rule(
            raw.rule, raw.kind, raw.name, raw.english, raw.entity, versions, examples, raw.gate, household, raw.extra,
            raw.reader.file, raw.line,
        )  # fmt: skip

    def _versions(self) -> None:
        """Versions of a name never overlap, have names of their own, and find everything they use on all their days."""
        labels: dict[str, Version] = {}
        for rule in sorted(self.rules.values(), key=lambda r: (r.file, r.line)):
            for earlier, later in overlapping(rule.versions):
                what = f"版本 {later.version} 与 {earlier.version}（第 {earlier.line} 行）在 {later.valid_from} 重叠"
                self._defect(later, rule.rule, what, "改 valid_from 或 valid_to / versions overlap")
            for version in rule.versions:
                twin = labels.setdefault(version.version, version) if version.version else version
                if twin is not version:
                    self._defect(
                        version,
                        rule.rule,
                        f"版本号 {version.version} 已用于 {twin.rule}",
                        "换版本号 / used twice",
                    )
                self._covered(rule, version)
                for key in version.source.seen if version.source and self.entries.pages else ():
                    if key not in self.entries.pages:
                        self._defect(
                            version, rule.rule, f"没有来源 {key}", "在 sources 下加上 / unknown page"
                        )

    def _covered(self, rule: Rule, version: Version) -> None:
        """A rule's version finds a value and a definition on each of its days, also those it uses through definitions."""
        if rule.kind == "definition":
            return
        waiting: list[tuple[Node, date, date]] = [(version.when, version.valid_from, version.valid_to)]
        seen: set[tuple[str, date, date]] = set()
        while waiting:
            tree, start, end = waiting.pop()
            period = (version.area, start, end)
            used: list[tuple[str, str, Sequence[Scoped]]] = [
                ("参数", name, self.entries.parameters[name].values) for name in sorted(parameters(tree))
            ]
            for name in sorted(names(tree)):
                other = self.rules[name]
                if other.kind == "definition" and (name, start, end) not in seen:
                    seen.add((name, start, end))
                    used.append(("定义", name, other.versions))
                    spans = ((v.when, max(start, v.valid_from), min(end, v.valid_to)) for v in other.versions)
                    waiting.extend(span for span in spans if span[1] <= span[2])
            for kind, name, versions in used:
                gap = first_gap(versions, *period)
                if gap is not None:
                    what = f"版本 {version.version} 用到的{kind} {name} 在 {gap} 没有可用的值或版本"
                    mend = "补上该期间（参数不知道就写 null），或缩短版本期间 / nothing in force then"
                    self._defect(version, rule.rule, what, mend)

    def _extras(self) -> None:
        """Rules and parameters that plain data refer to exist."""
        for rule in self.rules.values():
            lists = [(rule, rule.extra.get("ends"))]
            for version in rule.versions:
                lists.append((rule, version.extra.get("exclusive_with")))
                for word in _texts(version.extra):
                    if word.startswith(":") and word[1:] not in self.entries.parameters:
                        self._defect(
                            version,
                            rule.rule,
                            f"没有参数 {word[1:]}",
                            "在 parameters 中加上 / unknown parameter",
                        )
            for at, listed in lists:
                for name in listed if isinstance(listed, list) else [listed] if listed else []:
                    if name not in self.rules and name != "all":
                        self._defect(at, rule.rule, f"没有规则 {name}", "写已有的规则编号 / unknown rule")


def _texts(data: Any) -> list[str]:
    """All text in plain data."""
    if isinstance(data, str):
        return [data]
    if isinstance(data, Mapping):
        data = list(data.values())
    return [t for item in data for t in _texts(item)] if isinstance(data, Sequence) else []


def _check_examples(book: Book, defects: list[Defect]) -> None:
    outcomes = run_examples(book)
    for outcome in outcomes:
        if not outcome.right:
            example = outcome.example
            what = f"例子（{example.because}）应为 {WORDS[example.answer]}，规则得出 {WORDS[outcome.answer]}"
            defects.append(
                Defect(example.file, example.line, outcome.rule.rule, what, "改条件或改例子 / example fails")
            )
    for rule in book.of():
        for version in rule.versions:
            missing = lacking(book, version, (o for o in outcomes if o.rule is rule))
            if missing:
                what = f"版本 {version.version} 缺例子：{'、'.join(missing)}"
                mend = "各补一例；boundary 指前后差一天答案就不同的那天 / examples are missing"
                defects.append(Defect(version.file, version.line, rule.rule, what, mend))
