"""The book of post rules: dated YAML records that name law, article and number, the phrases, the exceptions, examples.

`read_book` refuses the whole book with every defect named: file, rule, what is wrong, what to do. The words are Rust
regular expressions over normalised text (see texts.py), so no look-around; `<name>` stands for a list of `words`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import yaml

import chunfeng.reference
from chunfeng.engines.screening.writing import normal

OWN_BOOK = Path(chunfeng.reference.__file__).parent / "rules" / "posts"
LEVELS = ("refuse", "warn")
CHECKS = (
    "texts", "under_age", "age_limit", "pay_words", "minimum_wage_month", "minimum_wage_hour", "pay_far_above",
    "missing", "no_licence", "bad_code", "blacklist", "private_contact", "stale", "duplicate",
)  # fmt: skip
TEXTS = (
    "post_name", "occupation_class", "work_content", "employment_form", "work_conditions", "pay", "requirements",
    "education_required", "age_required", "sex_required", "welfare", "open_to_hard_to_employ", "contact", "remark", "other",
    "employer_profile", "work_place",
)  # fmt: skip
"""Columns of a post whose text is read; `contact` is the telephone cell as written."""
OUTCOMES = ("no", "review", "yes", "warn")
STATUSES = ("verified", "unverified", "own_reading")
_RULE = {
    "rule", "name", "english", "level", "check", "versions", "not_in", "phrases", "always", "patterns", "alone", "columns",
    "unless", "review", "review_if", "review_spared_if", "parameters", "reading", "examples",
}  # fmt: skip
_VERSION = {"version", "valid_from", "valid_to", "source"}
_SOURCE = {"law", "article", "document", "status", "note"}
_WORD = re.compile(r"<([a-z0-9_]+)>")


@dataclass(frozen=True, slots=True)
class Source:
    """One article of one text."""

    law: str
    article: str | None
    document: str | None
    status: str

    def cited(self) -> str:
        number = f"（{self.document}）" if self.document else ""
        return f"《{self.law}》{self.article or ''}{number}"


@dataclass(frozen=True, slots=True)
class Version:
    """What the rule rested on from one day to another (inclusive; open if None)."""

    version: str
    valid_from: date
    valid_to: date | None
    sources: tuple[Source, ...]


@dataclass(frozen=True, slots=True)
class Pattern:
    """One expression; `not_in` columns are not searched, `because` is told to the human who decides."""

    say: str
    not_in: tuple[str, ...] = ()
    because: str | None = None


@dataclass(frozen=True, slots=True)
class PostRule:
    """One rule: what it is called, what it rests on, what it looks for, what it spares."""

    rule: str
    name: str
    english: str
    level: str
    check: str
    versions: tuple[Version, ...]
    where: str
    always: tuple[Pattern, ...] = ()
    patterns: tuple[Pattern, ...] = ()
    alone: tuple[Pattern, ...] = ()
    columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    unless: tuple[str, ...] = ()
    review: tuple[Pattern, ...] = ()
    review_if: tuple[Pattern, ...] = ()
    review_spared_if: tuple[str, ...] = ()
    parameters: Mapping[str, Any] = field(default_factory=dict)
    examples: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)

    def version_on(self, day: date) -> Version | None:
        """The version in force on a day; None where the rule was not."""
        return next(
            (v for v in self.versions if v.valid_from <= day and (v.valid_to is None or day <= v.valid_to)),
            None,
        )

    def law_on(self, day: date) -> str:
        """The articles it rests on that day, in Chinese."""
        version = self.version_on(day)
        return "、".join(s.cited() for s in version.sources) if version else ""


class BookError(ValueError):
    """A book that cannot be used. `defects`: one line each, file, rule, what is wrong and what to do."""

    def __init__(self, defects: Sequence[str]) -> None:
        super().__init__("\n".join(defects))
        self.defects = tuple(defects)


def read_book(folder: Path = OWN_BOOK) -> tuple[PostRule, ...]:
    """All rules of a folder's YAML files, by file and place in it; examples not yet tried. Raises BookError."""
    defects: list[str] = []
    rules: list[PostRule] = []
    for path in sorted(folder.glob("*.yaml")):
        try:
            content = yaml.safe_load(path.read_text(encoding="utf-8"))
        except (yaml.YAMLError, UnicodeDecodeError) as error:
            defects.append(f"{path.name}：不是可读的YAML，请改：{error}")
            continue
        if not isinstance(content, dict) or not isinstance(content.get("rules"), list):
            defects.append(f"{path.name}：缺少 rules 列表，请以 rules: 开头。")
            continue
        words = _words(content.get("words") or {}, path.name, defects)
        for entry in content["rules"]:
            where = f"{path.name}，规则 {entry.get('rule') if isinstance(entry, dict) else entry}"
            rule = _rule(entry, where, words, defects)
            if rule is not None:
                rules.append(rule)
    if not rules and not defects:
        defects.append(f"{folder.name}：没有规则文件，请放入 *.yaml。")
    for name in sorted({r.rule for r in rules}):
        homes = [r.where for r in rules if r.rule == name]
        if len(homes) > 1:
            defects.append(f"{homes[1]}：规则 {name} 已在 {homes[0]} 里，请合并或改名。")
    if defects:
        raise BookError(defects)
    return tuple(rules)


def _words(raw: Any, where: str, defects: list[str]) -> dict[str, str]:
    """The file's named lists, each one group; a list may use those above it."""
    words: dict[str, str] = {}
    if not isinstance(raw, dict):
        defects.append(f"{where}：words 应为 名字: [词, …]。")
        return words
    for name, said in raw.items():
        said = [said] if isinstance(said, str) else said
        if not isinstance(said, list) or not said:
            defects.append(f"{where}，词组 {name}：应为词的列表。")
            continue
        words[str(name)] = (
            "(?:" + "|".join(_filled(str(s), words, f"{where}，词组 {name}", defects) for s in said) + ")"
        )
    return words


def _filled(said: str, words: Mapping[str, str], where: str, defects: list[str]) -> str:
    for name in _WORD.findall(said):
        if name not in words:
            defects.append(f"{where}：“{said}”用了没有的词组 <{name}>，请在本文件 words 里加上它。")
    return _WORD.sub(lambda m: words.get(m[1], m[0]), said)


def _rule(entry: Any, where: str, words: Mapping[str, str], defects: list[str]) -> PostRule | None:
    before = len(defects)
    if not isinstance(entry, dict):
        defects.append(f"{where}：应为一条规则（rule, name, versions, …）。")
        return None
    if strange := sorted(set(entry) - _RULE):
        defects.append(f"{where}：不认识的项 {', '.join(strange)}，请删去或改正拼写。")
    for needed in ("rule", "name", "english", "versions", "examples"):
        if not entry.get(needed):
            defects.append(f"{where}：缺少 {needed}。")
    level, check = entry.get("level", "refuse"), entry.get("check", "texts")
    if level not in LEVELS:
        defects.append(f"{where}：level 应为 {' 或 '.join(LEVELS)}，写的是 {level}。")
    if check not in CHECKS:
        defects.append(f"{where}：没有检查方法 {check}，现有 {'、'.join(CHECKS)}。")
    not_in = _columns(entry.get("not_in", ()), where, defects)
    lists = {
        name: tuple(_patterns(entry.get(name, ()), f"{where}，{name}", words, not_in, defects))
        for name in ("always", "patterns", "alone", "review", "review_if")
    }
    lists["patterns"] += tuple(Pattern(_literal(str(p)), not_in) for p in entry.get("phrases", ()))
    plain = {
        name: tuple(p.say for p in _patterns(entry.get(name, ()), f"{where}，{name}", words, (), defects))
        for name in ("unless", "review_spared_if")
    }
    columns = {
        name: tuple(p.say for p in _patterns(said, f"{where}，columns.{name}", words, (), defects))
        for name, said in (entry.get("columns") or {}).items()
    }
    _columns(tuple(columns), where, defects)
    if check == "texts" and not any((*lists.values(), columns)):
        defects.append(f"{where}：没有任何词句，请写 phrases 或 patterns。")
    versions = tuple(_versions(entry.get("versions") or (), where, defects))
    examples = _examples(entry.get("examples") or {}, where, level, defects)
    parameters = {
        name: _filled(said, words, f"{where}，parameters.{name}", defects) if isinstance(said, str) else said
        for name, said in (entry.get("parameters") or {}).items()
    }
    if len(defects) > before:
        return None
    return PostRule(
        entry["rule"], entry["name"], entry["english"], level, check, versions, where, lists["always"], lists["patterns"],
        lists["alone"], columns, plain["unless"], lists["review"], lists["review_if"], plain["review_spared_if"],
        parameters, examples,
    )  # fmt: skip


def _literal(phrase: str) -> str:
    """A plain phrase as texts are written, for the expression engine."""
    return re.escape(str(pl.select(normal(pl.lit(phrase))).item()))


def _columns(names: Any, where: str, defects: list[str]) -> tuple[str, ...]:
    said: tuple[str, ...] = tuple(names)
    if strange := sorted(set(said) - set(TEXTS)):
        defects.append(f"{where}：岗位表没有文字栏 {', '.join(strange)}，现有 {'、'.join(TEXTS)}。")
    return said


def _patterns(
    raw: Any, where: str, words: Mapping[str, str], not_in: tuple[str, ...], defects: list[str]
) -> Iterator[Pattern]:
    for said in raw if isinstance(raw, (list, tuple)) else [raw]:
        more = said if isinstance(said, dict) else {"say": said}
        if strange := set(more) - {"say", "not_in", "because"}:
            defects.append(f"{where}：不认识的项 {', '.join(sorted(strange))}。")
        filled = _filled(str(more.get("say", "")), words, where, defects)
        if not filled:
            defects.append(f"{where}：有空的词句，请删去。")
            continue
        try:
            empty = pl.Series([""]).str.contains(filled).item()
        except pl.exceptions.ComputeError as error:
            defects.append(f"{where}：“{more['say']}”不是可用的表达式（不能用前后断言）：{error}")
            continue
        if empty:
            defects.append(f"{where}：“{more['say']}”连空文字也符合，请至少写一个必须出现的字。")
            continue
        yield Pattern(
            filled, (*not_in, *_columns(more.get("not_in", ()), where, defects)), more.get("because")
        )


def _versions(raw: Any, where: str, defects: list[str]) -> Iterator[Version]:
    last: date | None = None
    for number, entry in enumerate(raw if isinstance(raw, (list, tuple)) else ()):
        if strange := sorted(set(entry) - _VERSION):
            defects.append(f"{where}：版本里不认识的项 {', '.join(strange)}。")
        first, until = entry.get("valid_from"), entry.get("valid_to")
        if not isinstance(first, date) or not (until is None or isinstance(until, date)):
            defects.append(
                f"{where}：版本 {entry.get('version')} 的 valid_from、valid_to 应为日期，如 2023-01-01。"
            )
            continue
        if (until is not None and until < first) or (number and (last is None or first <= last)):
            defects.append(f"{where}：版本 {entry.get('version')} 的有效期倒置或与前一版本重叠，请接续书写。")
        last = until
        sources: list[Source] = []
        for source in entry.get("source") or ():
            if set(source) - _SOURCE or not source.get("law") or source.get("status") not in STATUSES:
                defects.append(
                    f"{where}：版本 {entry.get('version')} 的 source 应写 law、article、document、status"
                    f"（{'、'.join(STATUSES)}）。"
                )
                continue
            sources.append(
                Source(source["law"], source.get("article"), source.get("document"), source["status"])
            )
        if not sources or not entry.get("version"):
            defects.append(f"{where}：每个版本都要有 version 和 source（法律名称、条、文号）。")
        yield Version(str(entry.get("version")), first, until, tuple(sources))


def _examples(raw: Any, where: str, level: str, defects: list[str]) -> dict[str, tuple[Any, ...]]:
    hit = "warn" if level == "warn" else "no"
    if isinstance(raw, dict):  # YAML reads bare yes and no as true and false
        raw = {{True: "yes", False: "no"}.get(k, k) if isinstance(k, bool) else k: v for k, v in raw.items()}
    if not isinstance(raw, dict) or set(raw) - set(OUTCOMES):
        defects.append(f"{where}：examples 应按结论分列（{'、'.join(OUTCOMES)}）。")
        return {}
    for needed in (hit, "yes"):
        if not raw.get(needed):
            defects.append(f"{where}：examples 缺少 {needed} 的例子，请各写至少一个。")
    return {outcome: tuple(said or ()) for outcome, said in raw.items()}
