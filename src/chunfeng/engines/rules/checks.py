"""Syntax → checked tree: names looked up, types held, guards demanded. Refusals name the character."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from chunfeng.engines.rules import grammar
from chunfeng.engines.rules.catalogue import SCALE, Catalogue, Fact
from chunfeng.engines.rules.days import LIMITS
from chunfeng.engines.rules.defects import ConditionError
from chunfeng.engines.rules.parameters import Parameter
from chunfeng.engines.rules.tree import (
    Among,
    And,
    AsOf,
    Between,
    Compare,
    Constant,
    Holds,
    Members,
    Named,
    Node,
    Not,
    Operand,
    Or,
    children,
    nodes,
)
from chunfeng.engines.rules.tree import Parameter as ParameterOperand

_CHINESE = {"yes_no": "是否", "date": "日期", "integer": "整数", "decimal": "小数", "code": "代码"}


@dataclass(frozen=True, slots=True)
class NameInBook:
    """A definition or rule as conditions see it. `household`: it looks at the members of a household; `if_yes`, `if_no`:
    yes_no facts that hold whenever it is yes, or no."""

    name: str
    chinese: str
    entity: str
    definition: bool
    household: bool = False
    if_yes: frozenset[str] = frozenset()
    if_no: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Scope:
    """All names a condition of that entity may use; `named` holds definitions and rules."""

    catalogue: Catalogue
    parameters: Mapping[str, Parameter]
    named: Mapping[str, NameInBook]
    entity: str
    inside: bool = False

    def fact(self, name: grammar.Name) -> Fact:
        """The fact meant, by its English or Chinese name."""
        found = self.look(name)
        if isinstance(found, Fact):
            return found
        raise ConditionError(
            name.at, f"{name.text} 是定义或规则，不能比较", "直接写它的名称 / a condition already"
        )

    def look(self, name: grammar.Name) -> Fact | NameInBook:
        """The fact, definition or rule meant."""
        fact, named = self.catalogue.facts.get(name.text), self.named.get(name.text)
        if fact is not None and fact.entity == self.entity:
            return fact
        if named is not None and named.entity == self.entity:
            return named
        if fact is not None or named is not None:
            other = fact.entity if fact is not None else named.entity if named is not None else ""
            raise ConditionError(
                name.at,
                f"{name.text} 属于 {other}，这里问的是 {self.entity}",
                f"换用 {self.entity} 的名称 / other entity",
            )
        chinese: list[Fact | NameInBook] = [
            f for f in self.catalogue.of(self.entity).values() if f.name == name.text
        ]
        chinese += [
            n
            for n in self.named.values()
            if n.definition and n.chinese == name.text and n.entity == self.entity
        ]
        if len(chinese) == 1:
            return chinese[0]
        if chinese:
            raise ConditionError(
                name.at, f"{name.text} 有几个含义", "写英文名 / ambiguous, use the English name"
            )
        raise ConditionError(
            name.at, f"没有名为 {name.text[:40]} 的事实、定义或规则", f"{self.near(name.text)} / unknown name"
        )

    def near(self, word: str) -> str:
        """Names that look like it, for the mend."""
        from difflib import get_close_matches

        known = [name for fact in self.catalogue.of(self.entity).values() for name in (fact.fact, fact.name)]
        known += [
            name for n in self.named.values() if n.entity == self.entity for name in (n.name, n.chinese)
        ]
        close = get_close_matches(word[:64], known, 3, 0.6)
        return "是否指 " + "、".join(close) if close else "从事实目录选"


def check(syntax: grammar.Syntax, scope: Scope) -> Node:
    """The checked tree. Raises ConditionError."""
    tree = _checked(syntax, scope)
    _demand_guards(tree, scope, 1)
    return tree


def _checked(syntax: grammar.Syntax, scope: Scope) -> Node:
    if isinstance(syntax, grammar.Joined):
        parts = tuple(_checked(part, scope) for part in syntax.parts)
        if syntax.word == "NOT":
            return Not(parts[0])
        seen: set[Node] = set()
        for part, written in zip(parts, syntax.parts, strict=True):
            if part in seen or Not(part) in seen or (isinstance(part, Not) and part.part in seen):
                raise ConditionError(
                    _at(written, syntax.at), "同一条件重复或自相矛盾", "删去一处 / said twice or both ways"
                )
            seen.add(part)
        flat: list[Node] = []
        for part in parts:
            same = isinstance(part, And) if syntax.word == "AND" else isinstance(part, Or)
            flat.extend(children(part) if same else (part,))
        return And(tuple(flat)) if syntax.word == "AND" else Or(tuple(flat))
    if isinstance(syntax, grammar.Household):
        return _members(syntax, scope)
    if isinstance(syntax, grammar.Name):
        found = scope.look(syntax)
        if isinstance(found, NameInBook):
            if scope.inside and found.household:
                raise ConditionError(
                    syntax.at, f"{syntax.text} 已含家庭函数，不能再套", "改用个人的条件 / no nesting"
                )
            return Named(found.name)
        if found.type != "yes_no":
            raise ConditionError(
                syntax.at,
                f"{found.name} 是{_CHINESE[found.type]}，要与值比较",
                f"如 {_example(found)} / compare it",
            )
        return Holds(found.fact)
    fact = scope.fact(syntax.name)
    if fact.type == "yes_no":
        raise ConditionError(
            syntax.name.at, f"{fact.name} 本身就是是否", f"写 {fact.fact} 或 NOT {fact.fact} / no comparison"
        )
    if isinstance(syntax, grammar.OneOf):
        return _one_of(syntax, fact)
    if syntax.unit != "value" and fact.type != "date":
        raise ConditionError(
            syntax.name.at,
            f"{syntax.unit}() 只用于日期，{fact.name} 是{_CHINESE[fact.type]}",
            "换日期类事实 / a date",
        )
    if isinstance(syntax, grammar.Range):
        if fact.type == "code":
            raise ConditionError(
                syntax.name.at, f"{fact.name} 是代码，不分大小", "用 IN (…) / codes have no order"
            )
        low, high = (_operand(o, fact, syntax.unit, scope) for o in (syntax.low, syntax.high))
        if isinstance(low, Constant) and isinstance(high, Constant) and not _ordered(low, high):
            raise ConditionError(syntax.name.at, "BETWEEN 的下限不小于上限", "小的在前 / low end first")
        return Between(fact.fact, syntax.unit, low, high)
    if fact.type == "code" and syntax.op not in ("=", "!="):
        raise ConditionError(
            syntax.name.at, f"{fact.name} 是代码，不分大小", "用 = != IN / codes have no order"
        )
    return Compare(fact.fact, syntax.unit, syntax.op, _operand(syntax.to, fact, syntax.unit, scope))


def _members(syntax: grammar.Household, scope: Scope) -> Node:
    if scope.entity == "employer":
        raise ConditionError(
            syntax.at, "用人单位没有家庭成员", "只用于 person、household / no household here"
        )
    if scope.inside:
        raise ConditionError(syntax.at, "家庭函数不能套家庭函数", "拆开写 / no nesting")
    inner = Scope(scope.catalogue, scope.parameters, scope.named, "person", True)
    part = _checked(syntax.part, inner)
    to: Operand = Constant(0)
    if syntax.to is not None:
        to = _number(syntax.to, scope, "整数", (0, 100))
    return Members(syntax.how, part, syntax.op, to)


def _one_of(syntax: grammar.OneOf, fact: Fact) -> Node:
    values = tuple(_value(literal, fact) for literal in syntax.values)
    for value, literal in zip(values, syntax.values, strict=True):
        if values.count(value) > 1:
            raise ConditionError(literal.at, f"{literal.value} 列了两次", "只留一个 / listed twice")
    return Among(fact.fact, values, syntax.negated)


def _operand(given: grammar.Given, fact: Fact, unit: str, scope: Scope) -> Operand:
    if unit != "value":
        return _number(given, scope, f"{unit}() 的整数", LIMITS[unit])
    if isinstance(given, grammar.Today):
        if fact.type != "date":
            raise ConditionError(
                given.at, f"{fact.name} 是{_CHINESE[fact.type]}，不能与基准日比较", "写值 / not a date"
            )
        return AsOf()
    if isinstance(given, grammar.ParameterName):
        allowed = {"decimal": ("integer", "decimal"), "code": ()}.get(fact.type, (fact.type,))
        return _parameter(given, scope, allowed, fact.name)
    return Constant(_value(given, fact))


def _number(given: grammar.Given, scope: Scope, wanted: str, limits: tuple[int, int]) -> Operand:
    if isinstance(given, grammar.ParameterName):
        operand = _parameter(given, scope, ("integer",), wanted)
        for value in scope.parameters[operand.name].values:
            if isinstance(value.value, int) and not limits[0] <= value.value <= limits[1]:
                raise ConditionError(
                    given.at, f"参数 {given.text} 的值 {value.value} 超出 {limits}", "改正参数 / out of range"
                )
        return operand
    if isinstance(given, grammar.Today) or not isinstance(given.value, int):
        raise ConditionError(given.at, f"这里要与{wanted}比较", "写整数或整数参数 / a whole number")
    if not limits[0] <= given.value <= limits[1]:
        raise ConditionError(
            given.at, f"{given.value} 超出 {limits[0]}—{limits[1]}", "改正数字 / out of range"
        )
    return Constant(given.value)


def _parameter(
    given: grammar.ParameterName, scope: Scope, allowed: tuple[str, ...], about: str
) -> ParameterOperand:
    named = [p for p in scope.parameters.values() if given.text in (p.name, p.chinese)]
    found = scope.parameters.get(given.text) or (named[0] if len(named) == 1 else None)
    if found is None:
        raise ConditionError(
            given.at, f"没有参数 {given.text[:40]}", "在 parameters 中加上，或改名 / unknown parameter"
        )
    if found.type not in allowed:
        raise ConditionError(
            given.at,
            f"参数 {given.text} 是{_CHINESE[found.type]}，与{about}不符",
            "换参数或类型 / wrong type",
        )
    return ParameterOperand(found.name)


def _value(literal: grammar.Literal, fact: Fact) -> int | Decimal | date | str:
    """The literal as a value of the fact."""
    value = literal.value
    if fact.type == "code" and isinstance(value, str):
        code = {label: code for code, label in fact.values.items()}.get(value, value)
        if code in fact.values:
            return code
        raise ConditionError(
            literal.at, f"{fact.name} 没有值 {value[:40]!r}", f"可用 {'、'.join(fact.values)} / unknown value"
        )
    right = {"date": (date,), "integer": (int,), "decimal": (int, Decimal)}.get(fact.type, ())
    if not isinstance(value, right):
        raise ConditionError(
            literal.at,
            f"{fact.name} 是{_CHINESE[fact.type]}，不能与 {value!s:.40} 比较",
            f"如 {_example(fact)} / wrong type",
        )
    if fact.type == "decimal" and isinstance(value, int | Decimal):
        number = Decimal(value)
        if abs(number) >= 10**14 or round(number, SCALE) != number:
            raise ConditionError(
                literal.at, f"{value} 位数太多", f"整数至多 14 位，小数至多 {SCALE} 位 / too many digits"
            )
        return number
    return value


def _ordered(low: Constant, high: Constant) -> bool:
    a, b = low.value, high.value
    return bool(a < b)  # type: ignore[operator]


def _example(fact: Fact) -> str:
    if fact.type == "code":
        return f"{fact.fact} = '{next(iter(fact.values))}'"
    return {"date": f"{fact.fact} <= as_of", "decimal": f"{fact.fact} < 0.5"}.get(
        fact.type, f"{fact.fact} >= 1"
    )


def _at(syntax: grammar.Syntax, otherwise: int) -> int:
    if isinstance(syntax, grammar.Test | grammar.OneOf | grammar.Range):
        return syntax.name.at
    return getattr(syntax, "at", otherwise)


def _demand_guards(tree: Node, scope: Scope, at: int) -> None:
    """A fact that means something only under a condition may be asked only beside that condition (`AND`), or after its opposite
    (`OR NOT`): a rule must not turn "does not apply" into an answer."""

    def asked(node: Node, held: frozenset[str]) -> None:
        if isinstance(node, And | Or):
            for part in node.parts:
                others = (p for p in node.parts if p is not part)
                beside = {f for other in others for f in required(other, scope.named, isinstance(node, And))}
                asked(part, held | beside)
        elif isinstance(node, Members):
            asked(node.part, frozenset())
        elif isinstance(node, Not):
            asked(node.part, held)
        elif not isinstance(node, Named):
            guard = scope.catalogue.facts[node.fact].applies_when
            if guard and guard not in held:
                raise ConditionError(
                    at,
                    f"{node.fact} 只在 {guard} 时有意义，条件里没有先问 {guard}",
                    f"写 {guard} AND … / ask {guard} beside it",
                )

    asked(tree, frozenset())


def required(node: Node, named: Mapping[str, NameInBook], truth: bool = True) -> frozenset[str]:
    """yes_no facts that must hold when the node is yes (`truth` False: that must hold when it is no)."""
    if isinstance(node, Holds):
        return frozenset({node.fact}) if truth else frozenset()
    if isinstance(node, Named):
        return named[node.name].if_yes if truth else named[node.name].if_no
    if isinstance(node, Not):
        return required(node.part, named, not truth)
    if isinstance(node, And | Or):
        parts = [required(part, named, truth) for part in node.parts]
        if isinstance(node, And) == truth:
            return frozenset().union(*parts)
        return frozenset.intersection(*parts)
    return frozenset()


def household_bound(tree: Node, named: Mapping[str, NameInBook]) -> bool:
    """Whether it looks at household members, itself or through a name."""
    return any(
        isinstance(n, Members) or (isinstance(n, Named) and named[n.name].household) for n in nodes(tree)
    )
