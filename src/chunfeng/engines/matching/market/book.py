"""Hard rules and weights, read from the data files beside this one and held to what the kernel can compile."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).parent
KINDS = ("flag", "bits", "steps", "one_of", "contrary", "area", "amount", "date")
SIDES = ("state", "person", "job", "law")
PARTS = ("occupation", "place", "pay", "floor", "needs", "certificate", "priority", "sure")
LEVELS = ("none", "major", "sub_major", "minor", "occupation", "unknown")
FORBIDDEN = (
    "sex",
    "age",
    "gender",
    "ethnicity",
    "religion",
    "hukou",
    "disability",
    "marital",
    "marriage",
    "hepatitis",
    "carrier",
)
"""Words of conditions that 就业促进法 arts. 25 to 31 forbid: no column named by one may refuse anybody."""
_FORBIDDEN_SAYINGS = ("性别", "男", "女士", "年龄要求", "乙肝", "户籍限", "户口限", "民族", "婚")
_SINGLE = {"area", "amount"}
_COMPARED = ("until", "from", "before")


class RulesError(Exception):
    """The data files cannot be used; every defect is named, Chinese first."""


@dataclass(frozen=True, slots=True)
class HardRule:
    """One rule. `person`, `job`: columns of the tables, None where a flag is of one side alone."""

    rule: str
    name: str
    side: str
    kind: str
    person: str | None
    job: str | None
    fails: str
    helps: str
    unknown: str | None
    source: str
    pairs: Mapping[str, str]
    steps: tuple[str, ...]
    compare: str | None


@dataclass(frozen=True, slots=True)
class Scores:
    """Weights in points by part (PARTS), shares in percent, and how each is said."""

    person: tuple[int, ...]
    employer: tuple[int, ...]
    occupation: tuple[int, ...]
    place: Mapping[str, int]
    near: tuple[tuple[int, int], ...]
    pay: Mapping[str, int]
    floor: Mapping[str, int]
    meets: Mapping[str, tuple[str, ...]]
    priority: tuple[int, ...]
    tier: tuple[int, ...]
    says: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class MarketBook:
    """Rules in the order of the file (their place is their bit in `failing`), words for codes, and the weights."""

    rules: tuple[HardRule, ...]
    words: Mapping[str, str]
    scores: Scores

    def index(self, rule: str) -> int:
        """The bit of a rule."""
        return next(i for i, r in enumerate(self.rules) if r.rule == rule)

    def of(self, kind: str) -> tuple[int, ...]:
        """The bits of all rules of a kind."""
        return tuple(i for i, r in enumerate(self.rules) if r.kind == kind)

    def say(self, code: str) -> str:
        """The Chinese word for a code, or the code itself, which may be a word already."""
        return self.words.get(code, code)


@cache
def load_book() -> MarketBook:
    """The shipped rules and weights."""
    return read_book(
        (HERE / "rules.yaml").read_text(encoding="utf-8"), (HERE / "scores.yaml").read_text(encoding="utf-8")
    )


def read_book(rules: str, scores: str) -> MarketBook:
    """Rules and weights out of the texts of two data files. Raises RulesError with every defect."""
    data = yaml.safe_load(rules)
    entries = data["rules"]
    read = tuple(_rule(entry) for entry in entries)
    defects = [d for rule in read for d in _defects(rule)]
    names = [r.rule for r in read]
    defects += [f"规则 {n} 写了两次 / twice" for n in sorted({n for n in names if names.count(n) > 1})]
    defects += [
        f"{kind} 一类只能有一条规则 / only one rule of this kind"
        for kind in sorted(_SINGLE)
        if sum(r.kind == kind for r in read) > 1
    ]
    weights, wrong = _scores(yaml.safe_load(scores))
    defects += wrong
    if len(read) > 32:
        defects.append("最多32条规则 / at most 32 rules")
    if defects:
        raise RulesError("\n".join(defects))
    # YAML 1.1 reads a bare yes and no as truth values
    words = {{True: "yes", False: "no"}.get(k, str(k)): str(v) for k, v in data["words"].items()}
    return MarketBook(read, words, weights)


def _rule(entry: Mapping[str, Any]) -> HardRule:
    source = entry.get("source") or {}
    number = f"（{source['document']}）" if source.get("document") else ""
    cited = (
        f"《{source.get('law', '')}》{source['article']}{number}"
        if source.get("article")
        else source.get("law", "")
    )
    return HardRule(
        rule=str(entry.get("rule", "")), name=entry.get("name", ""), side=entry.get("side", ""), kind=entry.get("kind", ""),
        person=entry.get("person"), job=entry.get("job"), fails=entry.get("fails", ""), helps=entry.get("helps", ""),
        unknown=entry.get("unknown"), source=cited, pairs=entry.get("pairs") or {}, steps=tuple(entry.get("steps") or ()),
        compare=entry.get("compare"),
    )  # fmt: skip


def _defects(rule: HardRule) -> list[str]:
    where = f"规则 {rule.rule or '（无编号）'}："
    found: list[str] = []
    if rule.kind not in KINDS:
        found.append(f"{where}种类 {rule.kind} 不认得，应为 {'、'.join(KINDS)} / unknown kind")
    if rule.side not in SIDES:
        found.append(f"{where}side 应为 {'、'.join(SIDES)}")
    if not (rule.name and rule.fails and rule.helps and rule.source):
        found.append(f"{where}缺少 name、fails、helps 或 source / incomplete")
    if rule.kind != "flag" and not (rule.person and rule.job):
        found.append(f"{where}要写明 person 和 job 两列 / needs both columns")
    if rule.kind == "date" and rule.compare not in _COMPARED:
        found.append(f"{where}compare 应为 {'、'.join(_COMPARED)}")
    asked = {
        p for column in (rule.job, rule.rule) if column and rule.side != "law" for p in column.split("_")
    }
    if asked & set(FORBIDDEN) or any(word in rule.name for word in _FORBIDDEN_SAYINGS):
        found.append(
            f"{where}法律禁止的招聘条件不得成为匹配规则（就业促进法第二十五条至第三十一条）/ the law forbids this condition"
        )
    return found


def _scores(data: Mapping[str, Any]) -> tuple[Scores, list[str]]:
    defects: list[str] = []
    weights: dict[str, tuple[int, ...]] = {}
    for side in ("person", "employer"):
        given = data["weights"][side]
        weights[side] = tuple(int(given.get(part, 0)) for part in PARTS)
        if set(given) != set(PARTS) or sum(weights[side]) != 10_000 or min(weights[side]) < 0:
            defects.append(
                f"{side} 的权重要逐项写出、非负、合计10000 / weights must name every part and sum to 10000"
            )
    shares = [*data["occupation"].values(), *data["priority"], *data["tier"], *data["floor"].values()]
    shares += [data["place"][k] for k in ("town", "county", "named", "unknown")] + [
        p for _, p in data["place"]["near"]
    ]
    if any(not 0 <= int(share) <= 100 for share in shares):
        defects.append("各项比例应在0到100之间 / shares are percent")
    if data["pay"]["to"] <= data["pay"]["from"]:
        defects.append("pay 的 to 应大于 from / to must exceed from")
    scores = Scores(
        person=weights["person"], employer=weights["employer"],
        occupation=tuple(int(data["occupation"][level]) for level in LEVELS),
        place={k: int(data["place"][k]) for k in ("town", "county", "named", "unknown")},
        near=tuple((int(km), int(share)) for km, share in data["place"]["near"]),
        pay=data["pay"], floor=data["floor"],
        meets={need: tuple(offers) for need, offers in data["meets"].items()},
        priority=tuple(data["priority"]), tier=tuple(data["tier"]), says=data["says"],
    )  # fmt: skip
    return scores, defects
