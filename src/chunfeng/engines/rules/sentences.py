"""Conditions in Chinese, short enough for a table cell and a letter."""

from __future__ import annotations

from datetime import date

from chunfeng.engines.rules.catalogue import Fact
from chunfeng.engines.rules.records import Book
from chunfeng.engines.rules.tree import (
    Among,
    And,
    AsOf,
    Between,
    Constant,
    Holds,
    Members,
    Named,
    Node,
    Not,
    Operand,
    Or,
    Value,
)

_UNITS = {"age": "周岁", "months": "个月", "days": "天"}
_ORDER = {"=": "为", "!=": "不是", "<": "小于", "<=": "不大于", ">": "大于", ">=": "不小于"}
_DAYS = {"=": "就是", "!=": "不是", "<": "早于", "<=": "不晚于", ">": "晚于", ">=": "不早于"}
_SPAN = {"=": "正好{}", "!=": "不是正好{}", "<": "未满{}", "<=": "不超过{}", ">": "超过{}", ">=": "满{}"}


class Phrases:
    """Says conditions as they hold on a day in an area (None: parameters by their name)."""

    def __init__(self, book: Book, as_of: date, area: str | None = None) -> None:
        self.book, self.as_of, self.area = book, as_of, area

    def say(self, node: Node) -> str:
        """The condition as a phrase that can be met or not."""
        if isinstance(node, Named):
            return self.book.rules[node.name].name or node.name
        if isinstance(node, And | Or):
            word = "，且" if isinstance(node, And) else "，或"
            return word.join(
                f"（{self.say(p)}）" if isinstance(p, And | Or) else self.say(p) for p in node.parts
            )
        if isinstance(node, Not):
            return self._not(node.part)
        if isinstance(node, Members):
            return self._members(node)
        fact = self.book.catalogue.facts[node.fact]
        if isinstance(node, Holds):
            return fact.name
        if isinstance(node, Among):
            listed = "、".join(fact.shown(value) for value in node.values)
            return (
                f"{fact.name}不是{listed}"
                if node.negated
                else f"{fact.name}为{listed}{'之一' * (len(node.values) > 1)}"
            )
        if isinstance(node, Between):
            low, high = (self._operand(o, fact, node.unit) for o in (node.low, node.high))
            return f"{self._subject(fact, node.unit)}在{low}至{high}之间"
        wanted = self._operand(node.to, fact, node.unit)
        if node.unit != "value":
            return self._subject(fact, node.unit) + _SPAN[node.op].format(wanted)
        return fact.name + (_DAYS if fact.type == "date" else _ORDER)[node.op] + wanted

    def _not(self, node: Node) -> str:
        if isinstance(node, Holds | Named):
            return f"“{self.say(node)}”为否"
        return f"并非（{self.say(node)}）"

    def _members(self, node: Members) -> str:
        part = self.say(node.part)
        if node.how == "count":
            return f"同户“{part}”的人数{_ORDER[node.op]}{self._number(node.to)}"
        return f"同户{'有人' if node.how == 'any' else '每人都'}“{part}”"

    def _subject(self, fact: Fact, unit: str) -> str:
        return f"按{fact.name}" if unit == "age" else fact.name if unit == "value" else f"自{fact.name}起"

    def _operand(self, operand: Operand, fact: Fact, unit: str) -> str:
        if isinstance(operand, AsOf):
            return f"基准日{self.as_of.isoformat()}"
        if unit == "value" and isinstance(operand, Constant):
            return fact.shown(operand.value)
        return self._number(operand) + _UNITS.get(unit, "")

    def _number(self, operand: Operand) -> str:
        if isinstance(operand, Constant):
            return shown(operand.value)
        if isinstance(operand, AsOf):
            return self.as_of.isoformat()
        value = self.book.value(operand.name, self.area, self.as_of)
        chinese = self.book.parameters[operand.name].chinese
        return f"“{chinese}”" if value is None else shown(value)


def shown(value: Value) -> str:
    """A value without its fact."""
    if isinstance(value, bool):
        return "是" if value else "否"
    return value.isoformat() if isinstance(value, date) else str(value)
