"""Why: one case's answer to one rule, in Chinese, with values, sources, documents, what is missing and what would change it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from chunfeng.engines.rules import days
from chunfeng.engines.rules.reasons import deciding, fewest_changes, turns_on
from chunfeng.engines.rules.records import Book, Case, Rule, Version
from chunfeng.engines.rules.sentences import Phrases
from chunfeng.engines.rules.tree import Among, And, Between, Compare, Holds, Members, Named, Not, Or, Value
from chunfeng.engines.rules.walk import WORDS, Answer, Step, Walker

CHINESE = {"yes": "符合", "no": "不符合", "unknown": "尚不能确定"}
_MARKS = {"yes": "✓", "no": "✗", "unknown": "？"}
_SHORT = {"yes": "是", "no": "否", "unknown": "不明"}
_UNITS = {"age": "周岁", "months": "个月", "days": "天"}


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a fact comes from. `source`: kind of list; `where`: file, sheet, row; `presumed`: no list says otherwise; `stale`:
    the list is older than the fact's shelf life; `conflict`: another list says otherwise."""

    source: str = ""
    where: str = ""
    day: date | None = None
    presumed: bool = False
    stale: bool = False
    conflict: bool = False
    note: str = ""

    def __str__(self) -> str:
        # a note on a presumption mostly says so itself
        said = (
            "" if self.presumed and self.note.startswith("推定") else "推定" if self.presumed else self.source
        )
        parts = [said, self.where, self.day.isoformat() if self.day else ""]
        parts += ["资料已过期"] * self.stale + ["与其他资料不一致"] * self.conflict + [self.note]
        return "，".join(part for part in parts if part)


Sources = Mapping[tuple[str, str], Provenance]
"""(key of the case, fact) → where it comes from."""


@dataclass(frozen=True, slots=True, eq=False)
class Reason:
    """One test: what is asked, the answer, the fact's value and source, what to bring, and the day time alone changes it.

    `wanted`: of a change, how the test would have to come out.
    """

    phrase: str
    answer: Answer
    fact: str
    value: str
    who: str
    evidence: str
    turns_on: date | None
    provenance: Provenance | None
    step: Step
    wanted: bool | None = None

    @property
    def demand(self) -> str:
        """What would have to be so, of a change."""
        who = f"同户{self.who}：" if self.who else ""
        return f"{who}“{self.phrase}”为否" if self.wanted is False else who + self.phrase

    def __str__(self) -> str:
        who = f"同户{self.who}：" if self.who else ""
        said = f"{who}{self.phrase}：{_SHORT[WORDS[self.answer]]}"
        return f"{said}（{'；'.join(self.parts)}）" if self.parts else said

    @property
    def parts(self) -> list[str]:
        """Value, source, the day it turns, what to bring: as far as there is any."""
        inside = [self.value, str(self.provenance) if self.provenance else ""]
        if self.turns_on is not None:
            inside.append(f"{self.turns_on.isoformat()}起{'不再满足' if self.answer else '满足'}")
        if self.answer is None and self.evidence:
            inside.append(f"需要{self.evidence}")
        return [part for part in inside if part]


@dataclass(frozen=True, slots=True, eq=False)
class Condition:
    """One condition of the rule, with the tests that decide it."""

    phrase: str
    answer: Answer
    reasons: tuple[Reason, ...]

    def told(self) -> str:
        """The condition with the values of its deciding tests that say more than it does itself."""
        values = "；".join(dict.fromkeys(part for r in self.reasons for part in r.parts))
        return f"{self.phrase}（{values}）" if values else self.phrase


@dataclass(frozen=True, slots=True, eq=False)
class Explanation:
    """An answer with all that leads to it.

    `reasons`: the tests that decide, fewest possible; `missing`: what would have to be known (unknown answers); `changes`: the
    fewest tests that must come out otherwise for the opposite answer; `regardless`: facts whose value does not matter, with the
    answer they all give; `next_check`: first later day on which one of the tests changes by itself.
    """

    rule: Rule
    version: Version | None
    answer: Answer
    as_of: date
    conditions: tuple[Condition, ...]
    reasons: tuple[Reason, ...]
    changes: tuple[Reason, ...]
    regardless: tuple[tuple[str, Answer], ...]
    next_check: date | None
    tree: Step

    @property
    def missing(self) -> tuple[Reason, ...]:
        """Open tests of an unknown answer."""
        return tuple(r for r in self.reasons if r.answer is None) if self.answer is None else ()

    @property
    def single_change(self) -> Reason | None:
        """The one test that alone stands between the case and the opposite answer."""
        return self.changes[0] if len(self.changes) == 1 else None

    @property
    def document(self) -> str:
        """The legal source with article, and whether it was verified."""
        source = self.version.source if self.version else None
        if source is None:
            return ""
        return f"{source.document}{source.article}" + ("" if source.status == "verified" else "（文号待核）")

    def short(self) -> str:
        """One sentence: the answer, the document, the deciding tests, what to bring or wait for."""
        head = f"{CHINESE[WORDS[self.answer]]}“{self.rule.name}”"
        listed = [c.told() for c in self.conditions] if self.answer else list(map(str, self.reasons))
        said = "；".join(listed)
        if self.version is None and not self.reasons:
            said = "当日当地没有施行的规定"
        text = f"{head}（{self.document}）：{said}" if self.document else f"{head}：{said}"
        change = self.single_change
        if change is not None and self.answer is False:
            text += f"。只差一条：{change.demand}"
        for phrase, answer in self.regardless:
            text += f"。无论{phrase}为何，都{CHINESE[WORDS[answer]]}"
        return text + "。"

    def data(self) -> dict[str, Any]:
        """The same as plain data, for JSON."""
        listed = [
            {"condition": c.phrase, "answer": WORDS[c.answer], "reasons": [_data(r) for r in c.reasons]}
            for c in self.conditions
        ]
        return {
            "rule": self.rule.rule,
            "name": self.rule.name,
            "version": self.version.version if self.version else None,
            "document": self.document,
            "reading": self.version.reading if self.version else "",
            "answer": WORDS[self.answer],
            "as_of": self.as_of.isoformat(),
            "conditions": listed,
            "reasons": [_data(r) for r in self.reasons],
            "changes": [_data(r) | {"demand": r.demand} for r in self.changes],
            "next_check": self.next_check.isoformat() if self.next_check else None,
        }


def _data(reason: Reason) -> dict[str, Any]:
    return {
        "asked": reason.phrase,
        "answer": WORDS[reason.answer],
        "fact": reason.fact,
        "value": reason.value,
        "who": reason.who,
        "evidence": reason.evidence,
        "source": str(reason.provenance) if reason.provenance else "",
        "turns_on": reason.turns_on.isoformat() if reason.turns_on else None,
    }


def explain(
    book: Book,
    rule: str,
    case: Case,
    as_of: date,
    sources: Sources | None = None,
    walker: Walker | None = None,
) -> Explanation:
    """The answer of one rule for one case, explained. `walker`: one for several rules of the same case and day.

    Raises KeyError for a rule that is not in the book.
    """
    walker = walker or Walker(book, as_of)
    step = walker.name(rule, case)
    teller = _Teller(book, as_of, case, sources or {})
    conditions: list[Condition] = []
    if step.version is not None:
        for node in book.conditions(step.version, as_of):
            part = walker.node(node, case)
            reasons = tuple(map(teller.reason, deciding(part)))
            conditions.append(Condition(teller.phrases.say(node), part.answer, reasons))
    target = step.answer is not True
    reasons = tuple(map(teller.reason, deciding(step))) if step.parts or step.version else ()
    changes = tuple(replace(teller.reason(c.step), wanted=c.wanted) for c in fewest_changes(step, target))
    return Explanation(
        book.rules[rule], step.version, step.answer, as_of, tuple(conditions), reasons, changes,
        _regardless(book, rule, case, as_of, step), _next_check(step, as_of, walker.turning), step,
    )  # fmt: skip


class _Teller:
    def __init__(self, book: Book, as_of: date, case: Case, sources: Sources) -> None:
        self.book, self.as_of, self.case, self.sources = book, as_of, case, sources
        self.phrases = Phrases(book, as_of, case.area)
        self.told: dict[int, Reason] = {}
        others = enumerate(case.members or (), start=1)
        self.mates = {id(mate): mate.key or f"成员{i}" for i, mate in others}

    def reason(self, step: Step) -> Reason:
        """The test in words; each step once."""
        key = id(step)
        if key not in self.told:
            self.told[key] = self._reason(step)
        return self.told[key]

    def _reason(self, step: Step) -> Reason:
        node = step.node
        who = self.mates.get(id(step.case), "")
        if not isinstance(node, Holds | Compare | Among | Between):
            if isinstance(node, Members):
                value = f"共{len(step.parts)}人" if step.known else "同户人员不明"
                evidence = "" if step.known else "户口簿"
                return Reason(self.phrases.say(node), step.answer, "", value, who, evidence, None, None, step)
            lacking = "当日没有施行的规定" if step.case.area is not None else "所在区划不明"
            return Reason(self.phrases.say(node), step.answer, "", lacking, who, "", None, None, step)
        fact = self.book.catalogue.facts[node.fact]
        phrases = (
            self.phrases
            if step.case.area == self.case.area
            else Phrases(self.book, self.as_of, step.case.area)
        )
        value = f"{fact.name}{'：' if fact.type == 'yes_no' else '为'}{fact.shown(step.value)}"
        if value == phrases.say(node) or (fact.type == "yes_no" and step.value is not None):
            value = ""  # the phrase says it
        if isinstance(node, Compare | Between) and node.unit != "value" and isinstance(step.value, date):
            measured = days.measure(node.unit, step.value, self.as_of)
            value += f"，至{self.as_of.isoformat()}为{measured}{_UNITS[node.unit]}"
        return Reason(
            phrases.say(node), step.answer, fact.fact, value, who, fact.evidence, turns_on(step, self.as_of),
            self.sources.get((step.case.key, fact.fact)), step,
        )  # fmt: skip


def _regardless(book: Book, rule: str, case: Case, as_of: date, step: Step) -> tuple[tuple[str, Answer], ...]:
    """Kleene's logic asks for a sex even where both sexes give the same answer: facts of few values, all of which agree."""
    if step.answer is not None:
        return ()
    found: list[tuple[str, Answer]] = []
    for name in dict.fromkeys(
        s.node.fact for s in deciding(step) if isinstance(s.node, Holds | Compare | Among)
    ):
        fact = book.catalogue.facts[name]
        values: list[Value] = [True, False] if fact.type == "yes_no" else list(fact.values)
        if not 2 <= len(values) <= 12 or case.facts.get(name) is not None:
            continue
        answers = {
            Walker(book, as_of).answer(rule, replace(case, facts={**case.facts, name: value}))
            for value in values
        }
        if len(answers) == 1 and None not in answers:
            found.append((fact.name, answers.pop()))
    return tuple(found)


def _next_check(step: Step, as_of: date, seen: dict[int, date | None]) -> date | None:
    """The earliest day on which a test below the step turns; `seen` is shared by all rules of one walker."""
    key = id(step)
    if key not in seen:
        day = turns_on(step, as_of)
        for part in step.parts:
            other = _next_check(part, as_of, seen)
            if other is not None and (day is None or other < day):
                day = other
        seen[key] = day
    return seen[key]


def tree_lines(book: Book, explanation: Explanation, sources: Sources | None = None) -> list[str]:
    """The whole tree, one line per step, indented, with a mark for yes, no and unknown."""
    case = explanation.tree.case
    teller = _Teller(book, explanation.as_of, case, sources or {})
    lines: list[str] = []

    def told(step: Step, depth: int, above: Step | None = None, mark: str = "") -> None:
        node = step.node
        mark = mark or _MARKS[WORDS[step.answer]]
        if isinstance(node, And) and above is not None and isinstance(above.node, Named):
            for part in step.parts:  # a name stands for all its conditions: no line in between
                told(part, depth, step)
            return
        if isinstance(node, Not) and not step.parts[0].parts:
            told(step.parts[0], depth, step, mark)  # "employed: no" is met where "not employed" is asked
            return
        if isinstance(node, Holds | Compare | Among | Between):
            text = str(teller.reason(step))
        elif isinstance(node, Named):
            version = f"［{step.version.version}］" if step.version and step.version.version else ""
            text = book.rules[node.name].name + version
        else:
            text = {And: "全部满足", Or: "满足其一", Not: "不得"}.get(type(node), "") or teller.phrases.say(
                node
            )
        lines.append("　" * depth + f"{mark} {text}")
        for part in step.parts:
            told(part, depth + 1, step)

    told(explanation.tree, 0)
    return lines
