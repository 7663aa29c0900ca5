"""Reading rule files node by node, so that every defect names its line; numbers and days keep the text as written."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import yaml

from chunfeng.engines.rules.defects import Defect

LARGEST = 2_000_000
"""Characters of one file; deeper than DEEPEST levels no entry of ours goes."""
DEEPEST = 20
_YES, _NO, _NULL = ("true", "yes", "是"), ("false", "no", "否"), ("", "null", "~", "unknown", "未知")


class Reader:
    """One file. Its methods note a defect and give a harmless value, so that one reading finds all defects."""

    def __init__(self, file: str, defects: list[Defect]) -> None:
        self.file, self.defects, self.subject = file, defects, ""

    def defect(self, node: yaml.Node | int | None, what: str, mend: str) -> None:
        """Note one at the node's line."""
        line = node if isinstance(node, int) else line_of(node)
        self.defects.append(Defect(self.file, line, self.subject, what, mend))

    def compose(self, text: str) -> yaml.Node | None:
        """The root node; None with a defect noted when the text is no YAML we accept (anchors are not: they can explode)."""
        if len(text) > LARGEST:
            self.defect(1, f"文件 {len(text)} 字，上限 {LARGEST}", "拆成几个文件 / split the file")
            return None
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        try:
            depth = 0
            for event in yaml.parse(text, Loader=loader):
                depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(
                    event, yaml.CollectionEndEvent
                )
                if isinstance(event, yaml.AliasEvent) or depth > DEEPEST:
                    what = "不可用 YAML 别名" if depth <= DEEPEST else f"层次超过 {DEEPEST} 层"
                    self.defect(
                        event.start_mark.line + 1 if event.start_mark else 1,
                        what,
                        "写全，或用 bases / no aliases, less depth",
                    )
                    return None
            root = yaml.compose(text, Loader=loader)
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            line = mark.line + 1 if mark else 1
            self.defect(
                line,
                f"不是正确的 YAML：{getattr(error, 'problem', error)}",
                "检查缩进、冒号、引号 / fix the YAML",
            )
            return None
        return root if isinstance(root, yaml.Node) else None

    def name_subject(self, node: yaml.Node, key: str) -> str:
        """From here on defects are about what the mapping calls itself under that key; blank if it does not."""
        pairs = node.value if isinstance(node, yaml.MappingNode) else []
        names = [
            value.value for name, value in pairs if name.value == key and isinstance(value, yaml.ScalarNode)
        ]
        self.subject = names[0].strip() if names else ""
        return self.subject

    def mapping(
        self, node: yaml.Node | None, allowed: Sequence[str] | None = None, required: Sequence[str] = ()
    ) -> dict[str, yaml.Node]:
        """Key → node. Keys must be distinct and, where `allowed` is given, among them."""
        if not isinstance(node, yaml.MappingNode):
            self.defect(node, "这里应是“键: 值”", "写成 key: value / a mapping is expected")
            return {}
        found: dict[str, yaml.Node] = {}
        for key_node, value in node.value:
            key = str(key_node.value)
            if key in found:
                self.defect(key_node, f"{key} 写了两次", "只留一个 / written twice")
            elif allowed is not None and key not in allowed:
                self.defect(key_node, f"没有 {key} 这一项", f"可用 {'、'.join(allowed)} / unknown key")
            else:
                found[key] = value
        for key in required:
            if key not in found:
                self.defect(node, f"缺少 {key}", f"补上 {key} / {key} is missing")
        return found

    def items(self, node: yaml.Node | None) -> Iterator[yaml.Node]:
        """Nodes of a list."""
        if isinstance(node, yaml.SequenceNode):
            yield from node.value
        elif node is not None:
            self.defect(node, "这里应是列表", "写成 - … / a list is expected")

    def text(self, node: yaml.Node | None) -> str:
        """A scalar as written, surrounding blanks off."""
        if node is None:
            return ""
        if not isinstance(node, yaml.ScalarNode):
            self.defect(node, "这里应是一段文字", "写成一个值 / one value is expected")
            return ""
        return str(node.value).strip()

    def texts(self, node: yaml.Node | None) -> tuple[str, ...]:
        """A list of scalars, or one scalar."""
        if isinstance(node, yaml.ScalarNode):
            return (self.text(node),)
        return tuple(self.text(item) for item in self.items(node))

    def one_of(self, node: yaml.Node | None, known: Sequence[str]) -> str:
        """A word of a fixed set."""
        word = self.text(node)
        if node is not None and word not in known:
            self.defect(node, f"{word} 不在可选范围", f"可用 {'、'.join(known)} / choose one")
        return word if word in known else known[0]

    def day(self, node: yaml.Node | None, default: date) -> date:
        """An ISO day; default if absent."""
        text = self.text(node)
        if node is None or text in _NULL:
            return default
        found = as_day(text)
        if found is None:
            self.defect(node, f"没有这一天：{text}", "写成 2023-01-15 / no such day")
        return found or default

    def flag(self, node: yaml.Node | None) -> bool:
        """true or false; false if absent."""
        text = self.text(node).lower()
        if node is not None and text not in _YES + _NO:
            self.defect(node, f"{text} 不是 true 或 false", "写 true 或 false / a flag is expected")
        return text in _YES

    def plain(self, node: yaml.Node | None) -> Any:
        """Plain data: mappings, lists, text, bool, int, Decimal, date, None."""
        if isinstance(node, yaml.MappingNode):
            return {key: self.plain(value) for key, value in self.mapping(node).items()}
        if isinstance(node, yaml.SequenceNode):
            return [self.plain(item) for item in node.value]
        if node is None:
            return None
        return scalar(node)


def line_of(node: yaml.Node | None) -> int:
    """1-based line of a node; 1 of none."""
    return int(node.start_mark.line) + 1 if node is not None else 1


def as_day(text: str) -> date | None:
    """An ISO day or None."""
    try:
        return date.fromisoformat(text) if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text, re.ASCII) else None
    except ValueError:
        return None


def scalar(node: yaml.Node) -> Any:
    """What an unquoted scalar says; a quoted one is text. Numbers never pass through binary fractions."""
    text = str(node.value).strip()
    if getattr(node, "style", None):
        return text
    if text.lower() in _YES:
        return True
    if text.lower() in _NO:
        return False
    if text.lower() in _NULL:
        return None
    if re.fullmatch(r"-?(0|[1-9]\d{0,17})", text, re.ASCII):
        return int(text)
    if re.fullmatch(r"-?\d{1,15}\.\d{1,15}", text, re.ASCII):
        return Decimal(text)
    return as_day(text) or text
