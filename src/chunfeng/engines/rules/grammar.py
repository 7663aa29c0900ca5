"""The language of conditions: text → syntax, or a refusal that names the character.

    condition  = NOT unit | unit {AND unit} | unit {OR unit}          mixtures need brackets
    unit       = ( condition ) | test | any_member(condition) | all_members(condition) | count_members(condition) op operand
    test       = name | subject op operand | name [NOT] IN (literal, …) | subject BETWEEN operand AND operand
    subject    = name | age(name) | months(name) | days(name)
    operand    = literal | :parameter | as_of
    literal    = 12 | -3 | 0.5 | 'urban' | DATE '2023-01-15'

It looks like SQL and is none: nothing here is ever handed to a database. Names may be Chinese. 基准日 is as_of.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from chunfeng.engines.rules.defects import ConditionError

LONGEST, MOST_TOKENS, DEEPEST, LONGEST_NAME, LONGEST_LIST = 4000, 800, 24, 64, 100
"""Caps on characters, words, brackets within brackets, a name, an IN list: beyond them a condition is no longer read by anyone."""

_TOKEN = re.compile(
    r"(?P<space>[ \t\r\n]+)|(?P<number>-?[0-9]+(?:\.[0-9]+)?)|(?P<text>'[^'\n]*')|(?P<parameter>:[^\W\d]\w*)"
    r"|(?P<name>[^\W\d]\w*)|(?P<op>>=|<=|!=|=|<|>)|(?P<mark>[(),])"
)
_MEASURES = ("age", "months", "days")
_MEMBERS = {"any_member": "any", "all_members": "all", "count_members": "count"}
_WORDS = ("AND", "OR", "NOT", "IN", "BETWEEN", "DATE")
_REFUSED = {
    "NULL": ("不能判断“是否为空”：没有的事实就是未知", "删去对 NULL 的判断 / unknown is not a value"),
    "IS": ("不能用 IS：没有的事实就是未知", "直接写事实名，或 NOT (事实名) / no IS tests"),
    "TRUE": ("不能写恒真", "写事实名 / no constants"),
    "FALSE": ("不能写恒假", "写 NOT (事实名) / no constants"),
    "LIKE": ("不能做文字匹配", "用目录中的代码值 / no text matching"),
}
_FOREIGN = frozenset(
    "SELECT FROM WHERE CASE WHEN THEN ELSE END CAST COALESCE UNION EXISTS DROP INSERT UPDATE DELETE ATTACH COPY"
    " INTERVAL EXTRACT SUBSTRING OVER LIMIT ILIKE REGEXP ANY ALL SOME XOR DIV MOD".split()
)
RESERVED = frozenset(
    {*_WORDS, *_REFUSED, *_FOREIGN, *(w.upper() for w in (*_MEASURES, *_MEMBERS)), "AS_OF"}
    | {"PERSON", "HOUSEHOLD", "EMPLOYER", "AREA"}
)
"""Words no fact, rule, definition or parameter may be called."""
_HINTS = {
    "-": "不能写注释或减法 / no comments, no arithmetic",
    "/": "不能写注释或除法 / no comments, no arithmetic",
    "#": "不能写注释 / no comments",
    ";": "一条规则只有一个条件 / one condition only",
    "$": "只用单引号 / single quotes only",
    '"': "文字用单引号，名称不加引号 / single quotes for values, none for names",
    "“": "用半角单引号 ' / ASCII quotes",
    "‘": "用半角单引号 ' / ASCII quotes",
    "’": "用半角单引号 ' / ASCII quotes",
    "（": "用半角括号 ( / ASCII brackets",
    "）": "用半角括号 ) / ASCII brackets",
    "，": "用半角逗号 , / ASCII comma",
    "：": "用半角冒号 : / ASCII colon",
    "≥": "写 >=",
    "≤": "写 <=",
    "≠": "写 !=",
    "'": "单引号要成对，不换行 / close the quote",
}


@dataclass(frozen=True, slots=True)
class Name:
    """A fact, definition or rule, not yet looked up."""

    text: str
    at: int


@dataclass(frozen=True, slots=True)
class Literal:
    """A typed value as written."""

    value: int | Decimal | date | str
    at: int


@dataclass(frozen=True, slots=True)
class ParameterName:
    """`:name`."""

    text: str
    at: int


@dataclass(frozen=True, slots=True)
class Today:
    """as_of."""

    at: int


Given = Literal | ParameterName | Today


@dataclass(frozen=True, slots=True)
class Test:
    """A comparison: `unit` value, age, months or days of the name."""

    name: Name
    unit: str
    op: str
    to: Given


@dataclass(frozen=True, slots=True)
class OneOf:
    """IN, NOT IN."""

    name: Name
    values: tuple[Literal, ...]
    negated: bool


@dataclass(frozen=True, slots=True)
class Range:
    """BETWEEN."""

    name: Name
    unit: str
    low: Given
    high: Given


@dataclass(frozen=True, slots=True)
class Household:
    """A household function; `op` and `to` for count only."""

    how: str
    part: Syntax
    at: int
    op: str = ""
    to: Given | None = None


@dataclass(frozen=True, slots=True)
class Joined:
    """AND, OR (two parts or more) or NOT (one)."""

    word: str
    parts: tuple[Syntax, ...]
    at: int


Syntax = Name | Test | OneOf | Range | Household | Joined


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    at: int


def parse(text: str) -> Syntax:
    """The syntax of one condition. Raises ConditionError naming the first character that cannot stand where it stands."""
    return _Parser(_tokens(text)).whole()


def _tokens(text: str) -> list[_Token]:
    if len(text) > LONGEST:
        raise ConditionError(LONGEST + 1, f"条件长 {len(text)} 字，上限 {LONGEST}", "拆成几个定义 / split it")
    found: list[_Token] = []
    at = 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise ConditionError(
                at + 1, f"不认识的字符 {text[at]!r}", _HINTS.get(text[at], "删去 / remove it")
            )
        kind, word = str(match.lastgroup), match.group()
        if kind != "space":
            found.append(_Token(_word_kind(kind, word, at), word, at + 1))
        at = match.end()
        if kind == "number" and at < len(text) and (text[at].isalnum() or text[at] in "._"):
            raise ConditionError(at + 1, "数字后面紧跟着别的字符", "加空格或改正数字 / separate them")
    if len(found) > MOST_TOKENS:
        raise ConditionError(
            found[MOST_TOKENS].at, f"条件有 {len(found)} 个词，上限 {MOST_TOKENS}", "拆成几个定义 / split it"
        )
    return found


def _word_kind(kind: str, word: str, at: int) -> str:
    if kind not in ("name", "parameter"):
        return kind
    if len(word) > LONGEST_NAME:
        raise ConditionError(
            at + 1, f"名称长 {len(word)} 字，上限 {LONGEST_NAME}", "用目录中的名称 / a shorter name"
        )
    if unicodedata.normalize("NFKC", word) != word:
        raise ConditionError(at + 1, f"{word} 含全角或变体字符", "用半角输入 / plain letters")
    upper = word.upper()
    if kind == "name" and upper in _WORDS:
        return upper
    if kind == "name" and upper in _REFUSED:
        raise ConditionError(at + 1, *_REFUSED[upper])
    if kind == "name" and upper in _FOREIGN:
        raise ConditionError(
            at + 1, f"{word} 不属于规则语言", "只用 AND OR NOT IN BETWEEN 与目录名称 / not in the language"
        )
    return kind


class _Parser:
    def __init__(self, tokens: list[_Token]) -> None:
        self.tokens, self.position, self.depth = tokens, 0, 0

    def whole(self) -> Syntax:
        if not self.tokens:
            raise ConditionError(1, "条件是空的", "写出条件 / write a condition")
        found = self.condition()
        if self.kind():
            raise self.error("这里应当结束", "用 AND 或 OR 连接，或删去 / the condition ends here")
        return found

    def kind(self, ahead: int = 0) -> str:
        at = self.position + ahead
        return self.tokens[at].kind if at < len(self.tokens) else ""

    def word(self, ahead: int = 0) -> str:
        at = self.position + ahead
        return self.tokens[at].text if at < len(self.tokens) else ""

    def at(self) -> int:
        if self.position < len(self.tokens):
            return self.tokens[self.position].at
        return self.tokens[-1].at + len(self.tokens[-1].text)

    def error(self, what: str, mend: str) -> ConditionError:
        shown = f"“{self.word()[:20]}”处：" if self.word() else "末尾："
        return ConditionError(self.at(), shown + what, mend)

    def take(self, kind: str, text: str = "") -> _Token:
        if self.kind() != kind or (text and self.word() != text):
            wanted = text or {"name": "名称", "op": "比较符号", "text": "单引号文字"}.get(kind, kind)
            raise self.error(f"这里应是 {wanted}", f"写 {wanted} / {wanted} expected")
        self.position += 1
        return self.tokens[self.position - 1]

    def condition(self) -> Syntax:
        self.depth += 1
        if self.depth > DEEPEST:
            raise self.error(f"括号套了 {self.depth} 层，上限 {DEEPEST}", "拆成几个定义 / split it")
        at = self.at()
        if self.kind() == "NOT":
            self.position += 1
            found: Syntax = Joined("NOT", (self.unit(),), at)
            if self.kind() in ("AND", "OR"):
                raise self.error("NOT 与 AND、OR 相邻时要加括号", "写成 (NOT a) AND b / bracket the NOT")
        else:
            parts = [self.unit()]
            word = self.kind()
            while self.kind() == word and word in ("AND", "OR"):
                self.position += 1
                if self.kind() == "NOT":
                    raise self.error("NOT 与 AND、OR 相邻时要加括号", "写成 a AND (NOT b) / bracket the NOT")
                parts.append(self.unit())
            if self.kind() in ("AND", "OR"):
                raise self.error("AND 与 OR 混用要加括号", "写成 a AND (b OR c) / bracket the mixture")
            found = parts[0] if len(parts) == 1 else Joined(word, tuple(parts), at)
        self.depth -= 1
        return found

    def unit(self) -> Syntax:
        if self.kind() == "mark" and self.word() == "(":
            self.position += 1
            inner = self.condition()
            self.take("mark", ")")
            return inner
        if self.kind() != "name":
            raise self.error(
                "条件要以事实、定义或规则的名称开头", "写出名称 / a name is expected, never a value"
            )
        if self.kind(1) == "mark" and self.word(1) == "(":
            return self.call()
        return self.test(self.name(), "value")

    def name(self) -> Name:
        token = self.take("name")
        return Name(token.text, token.at)

    def call(self) -> Syntax:
        function, at = self.word(), self.at()
        if function in _MEASURES:
            self.position += 2
            name = self.name()
            self.take("mark", ")")
            if self.kind() not in ("op", "BETWEEN"):
                raise self.error(
                    f"{function}(…) 之后要有比较", f"写成 {function}({name.text}) >= 12 / compare it"
                )
            return self.test(name, function)
        if function not in _MEMBERS:
            known = "、".join([*_MEASURES, *_MEMBERS])
            raise self.error(f"没有函数 {function}", f"可用 {known} / unknown function")
        self.position += 2
        part = self.condition()
        self.take("mark", ")")
        if function == "count_members":
            if self.kind() != "op":
                raise self.error("count_members(…) 之后要有比较", "写成 count_members(…) >= 2 / compare it")
            return Household("count", part, at, self.take("op").text, self.given())
        if self.kind() in ("op", "IN", "BETWEEN"):
            raise self.error(f"{function}(…) 本身就是条件", "不要再比较 / it is a condition already")
        return Household(_MEMBERS[function], part, at)

    def test(self, name: Name, unit: str) -> Syntax:
        if self.kind() == "op":
            found: Syntax = Test(name, unit, self.take("op").text, self.given())
        elif self.kind() == "BETWEEN":
            self.position += 1
            low = self.given()
            self.take("AND")
            found = Range(name, unit, low, self.given())
        elif self.kind() == "IN" or (self.kind() == "NOT" and self.kind(1) == "IN"):
            negated = self.kind() == "NOT"
            self.position += 1 + negated
            found = OneOf(name, self.listed(), negated)
        else:
            return name
        if self.kind() == "op":
            raise self.error("一次只能比较两项", "写成 a >= 1 AND a <= 2 / no chained comparisons")
        return found

    def listed(self) -> tuple[Literal, ...]:
        self.take("mark", "(")
        values = [self.literal()]
        while self.word() == "," and self.kind() == "mark":
            self.position += 1
            values.append(self.literal())
            if len(values) > LONGEST_LIST:
                raise self.error(f"列表超过 {LONGEST_LIST} 项", "改用代码分组 / shorten the list")
        self.take("mark", ")")
        return tuple(values)

    def given(self) -> Given:
        at = self.at()
        if self.kind() == "parameter":
            return ParameterName(self.take("parameter").text[1:], at)
        if self.kind() == "name" and self.word() in ("as_of", "基准日"):
            self.position += 1
            return Today(at)
        return self.literal()

    def literal(self) -> Literal:
        at = self.at()
        if self.kind() == "number":
            text = self.take("number").text
            if len(text) > 18:
                raise ConditionError(at, "数字太长", "最多 18 位 / at most 18 digits")
            return Literal(Decimal(text) if "." in text else int(text), at)
        if self.kind() == "text":
            return Literal(self.take("text").text[1:-1], at)
        if self.kind() == "DATE":
            self.position += 1
            text = self.take("text").text[1:-1]
            if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
                try:
                    return Literal(date.fromisoformat(text), at)
                except ValueError:
                    pass
            raise ConditionError(at, f"没有这一天：{text[:20]}", "写成 DATE '2023-01-15' / no such day")
        raise self.error(
            "比较的右边要是值、参数或基准日", "写 12、'urban'、DATE '2023-01-15'、:参数 / value expected"
        )


def names(syntax: Syntax) -> Iterator[str]:
    """Every name in it, measured ones and those inside household functions included."""
    if isinstance(syntax, Name):
        yield syntax.text
    elif isinstance(syntax, Joined):
        for part in syntax.parts:
            yield from names(part)
    elif isinstance(syntax, Household):
        yield from names(syntax.part)
    else:
        yield syntax.name.text
