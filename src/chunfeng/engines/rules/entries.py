"""Entries of rule files → records not yet resolved: the texts are parsed, the names in them not looked up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from difflib import get_close_matches
from typing import Any

import yaml

from chunfeng.engines.rules import grammar
from chunfeng.engines.rules.catalogue import ENTITIES, NAME
from chunfeng.engines.rules.days import FIRST, LAST
from chunfeng.engines.rules.defects import ConditionError
from chunfeng.engines.rules.parameters import PARAMETER_TYPES, Parameter, ParameterValue, Source
from chunfeng.engines.rules.records import KINDS, Page
from chunfeng.engines.rules.yaml_nodes import Reader, line_of, scalar

TOP = ("rules", "definitions", "parameters", "bases", "sources")
_RULE = ("rule", "kind", "name", "english", "entity", "versions", "examples", "ends", "note")
_DEFINITION = (
    "definition", "name", "english", "entity", "gate", "when", "versions", "examples", "source", "reading", "valid_from",
    "valid_to", "note",
)  # fmt: skip
_VERSION = ("version", "valid_from", "valid_to", "area", "source", "reading", "when", "note")
_SOURCE = ("document", "title", "article", "status", "note", "seen", "address")
_PARAMETER = ("parameter", "name", "english", "type", "unit", "values", "note")
_VALUE = ("area", "from", "to", "value", "source", "note")


@dataclass(slots=True)
class RawVersion:
    """A version with its syntax; None when the text could not be parsed (the defect is noted)."""

    version: str
    valid_from: date
    valid_to: date
    area: str
    source: Source | None
    reading: str
    text: str
    syntax: grammar.Syntax | None
    extra: Mapping[str, Any]
    file: str
    line: int


@dataclass(slots=True)
class RawRule:
    """A rule or definition; examples still as YAML, since their facts need the catalogue."""

    rule: str
    kind: str
    name: str
    english: str
    entity: str
    gate: bool
    versions: list[RawVersion]
    examples: list[yaml.Node]
    extra: Mapping[str, Any]
    reader: Reader
    line: int


@dataclass(slots=True)
class Entries:
    """All that the files hold, by name. `bases`: (file, name) → the node of its facts."""

    rules: dict[str, RawRule] = field(default_factory=dict)
    parameters: dict[str, Parameter] = field(default_factory=dict)
    pages: dict[str, Page] = field(default_factory=dict)
    bases: dict[tuple[str, str], yaml.Node] = field(default_factory=dict)

    def read(self, reader: Reader, root: yaml.Node) -> None:
        """Take in one file."""
        top = reader.mapping(root, TOP)
        for node in reader.items(top.get("parameters")):
            parameter = _parameter(reader, node)
            if parameter.name in self.parameters:
                reader.defect(node, f"参数 {parameter.name} 写了两次", "合并或换名 / written twice")
            self.parameters.setdefault(parameter.name, parameter)
        for key, read in (("definitions", _definition), ("rules", _rule)):
            for node in reader.items(top.get(key)):
                reader.subject = ""
                rule = read(reader, node)
                if rule.rule in self.rules:
                    earlier = self.rules[rule.rule]
                    where = f"{earlier.reader.file}:{earlier.line}"
                    reader.defect(node, f"{rule.rule} 已在 {where}", "换名或删去一处 / written twice")
                self.rules.setdefault(rule.rule, rule)
        reader.subject = ""
        for node in reader.items(top.get("sources")):
            page = reader.mapping(node, ("key", "title", "address", "grade", "note"), ("key", "title"))
            key = reader.text(page.get("key"))
            if key in self.pages:
                reader.defect(node, f"来源 {key} 写了两次", "只留一个 / written twice")
            texts = (reader.text(page.get(k)) for k in ("title", "address", "grade"))
            self.pages[key] = Page(key, *texts)
        if "bases" in top:
            for name, node in reader.mapping(top["bases"]).items():
                self.bases[reader.file, name] = node


def _rule(reader: Reader, node: yaml.Node) -> RawRule:
    reader.name_subject(node, "rule")
    entry = reader.mapping(node, _RULE, ("rule", "kind", "name", "english", "entity", "versions"))
    _check_name(reader, node, reader.subject.lower())
    kind = reader.one_of(entry.get("kind"), KINDS)
    versions = [_version(reader, item, kind) for item in reader.items(entry.get("versions"))]
    if not versions:
        reader.defect(node, "没有任何版本", "在 versions 下写至少一个版本 / no version")
    extra: dict[str, Any] = {key: reader.plain(entry[key]) for key in ("ends", "note") if key in entry}
    return _raw(reader, node, entry, kind, versions, extra)


def _definition(reader: Reader, node: yaml.Node) -> RawRule:
    reader.name_subject(node, "definition")
    entry = reader.mapping(node, _DEFINITION, ("definition", "name", "entity"))
    _check_name(reader, node, reader.subject)
    if ("when" in entry) == ("versions" in entry):
        reader.defect(node, "定义要有 when 或 versions 之一", "写 when / one of when and versions")
    if "versions" in entry:
        versions = [_version(reader, item, "definition") for item in reader.items(entry["versions"])]
    else:
        own = ("when", "source", "reading", "valid_from", "valid_to")
        versions = [_read_version(reader, node, {k: v for k, v in entry.items() if k in own}, "definition")]
    extra = {"note": reader.plain(entry["note"])} if "note" in entry else {}
    return _raw(reader, node, entry, "definition", versions, extra)


def _raw(
    reader: Reader,
    node: yaml.Node,
    entry: dict[str, yaml.Node],
    kind: str,
    versions: list[RawVersion],
    extra: Mapping[str, Any],
) -> RawRule:
    return RawRule(
        reader.subject,
        kind,
        reader.text(entry.get("name")),
        reader.text(entry.get("english")),
        reader.one_of(entry.get("entity"), ENTITIES),
        reader.flag(entry.get("gate")),
        versions,
        list(reader.items(entry.get("examples"))),
        extra,
        reader,
        line_of(node),
    )


def _check_name(reader: Reader, node: yaml.Node, name: str) -> None:
    if not NAME.fullmatch(name) or name.upper() in grammar.RESERVED:
        reader.defect(
            node,
            f"名称 {name[:40]!r} 不合规",
            "英文字母、数字、下划线，字母开头，不用语言的词 / a plain name",
        )


def _version(reader: Reader, node: yaml.Node, kind: str) -> RawVersion:
    entry = reader.mapping(node, None if kind == "policy" else _VERSION, ("when", "valid_from"))
    for key in entry:
        close = get_close_matches(key, _VERSION, 1, 0.75)
        if key not in _VERSION and close:
            reader.defect(entry[key], f"{key} 像是 {close[0]} 的笔误", f"写 {close[0]} / mistyped key")
    if kind != "definition":
        for key in ("version", "source"):
            if not entry.get(key):
                reader.defect(node, f"版本缺少 {key}", f"补上 {key} / {key} is missing")
    return _read_version(reader, node, entry, kind)


def _read_version(reader: Reader, node: yaml.Node, entry: dict[str, yaml.Node], kind: str) -> RawVersion:
    start, end = reader.day(entry.get("valid_from"), FIRST), reader.day(entry.get("valid_to"), LAST)
    if end < start:
        reader.defect(entry.get("valid_to"), "valid_to 早于 valid_from", "改正日期 / ends before it begins")
    text = reader.text(entry.get("when"))
    syntax: grammar.Syntax | None = None
    if "when" in entry:
        try:
            syntax = grammar.parse(text)
        except ConditionError as error:
            reader.defect(entry["when"], f"when 第{error.at}字：{error.what}", error.mend)
    return RawVersion(
        reader.text(entry.get("version")),
        start,
        end,
        _area(reader, entry.get("area")),
        read_source(reader, entry["source"]) if "source" in entry else None,
        reader.text(entry.get("reading")),
        text,
        syntax,
        {key: reader.plain(value) for key, value in entry.items() if key not in _VERSION or key == "note"},
        reader.file,
        line_of(node),
    )


def read_source(reader: Reader, node: yaml.Node) -> Source:
    """A legal source: a document number, or a mapping with article, status, pages it was seen in."""
    if isinstance(node, yaml.ScalarNode):
        return Source(reader.text(node))
    entry = reader.mapping(node, _SOURCE, ("document",))
    status = reader.one_of(entry.get("status"), ("unverified", "verified"))
    if not reader.text(entry.get("document")):
        reader.defect(node, "来源没有文号", "写 document / no document number")
    document, article, note = (reader.text(entry.get(key)) for key in ("document", "article", "note"))
    return Source(document, article, status, note, reader.texts(entry["seen"]) if "seen" in entry else ())


def _area(reader: Reader, node: yaml.Node | None) -> str:
    area = reader.text(node)
    if node is not None and not (area.isascii() and area.isdigit() and len(area) in (2, 4, 6)):
        reader.defect(node, f"区划代码 {area} 不是 2、4、6 位", "省 2 位、市 4 位、县 6 位 / region code")
        return ""
    return area


def _parameter(reader: Reader, node: yaml.Node) -> Parameter:
    name = reader.name_subject(node, "parameter")
    entry = reader.mapping(node, _PARAMETER, ("parameter", "name", "type", "values"))
    _check_name(reader, node, name)
    kind = reader.one_of(entry.get("type"), PARAMETER_TYPES)
    values = tuple(_parameter_value(reader, item, kind) for item in reader.items(entry.get("values")))
    if not values:
        reader.defect(node, "参数没有值", "在 values 下写值 / no value")
    chinese, english, unit = (reader.text(entry.get(key)) for key in ("name", "english", "unit"))
    return Parameter(name, chinese, english, kind, unit, values)


def _parameter_value(reader: Reader, node: yaml.Node, kind: str) -> ParameterValue:
    entry = reader.mapping(node, _VALUE, ("value", "source"))
    value: Any = scalar(entry["value"]) if isinstance(entry.get("value"), yaml.ScalarNode) else None
    right: tuple[type, ...] = {"integer": (int,), "decimal": (int, Decimal), "date": (date,)}[kind]
    if value is not None and (isinstance(value, bool) or not isinstance(value, right)):
        reader.defect(entry.get("value"), f"{value} 不是 {kind}", "改正值；不知道就写 null / wrong type")
        value = None
    start, end = reader.day(entry.get("from"), FIRST), reader.day(entry.get("to"), LAST)
    if end < start:
        reader.defect(node, "to 早于 from", "改正日期 / ends before it begins")
    source = read_source(reader, entry["source"]) if "source" in entry else None
    area = _area(reader, entry.get("area"))
    if kind == "decimal" and value is not None:
        value = Decimal(value)
    return ParameterValue(value, area, start, end, source, reader.file, line_of(node))
