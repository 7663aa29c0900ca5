"""`./chunfeng rules` reads, checks, tests and tries out the rule book; `./chunfeng explain` says why. Chinese first."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from chunfeng.engines.rules.parameters import Parameter, Source
    from chunfeng.engines.rules.records import Book, Rule

_KINDS = {
    "recognition": "认定",
    "target": "对象",
    "exit": "退出",
    "household": "家庭",
    "policy": "政策",
    "definition": "定义",
}


_LABELS = {
    "duration": "期限", "months_limit": "最长月数", "once": "次数", "exclusive_with": "不得同时享受", "level": "层级",
    "materials": "材料", "department": "部门", "steps": "步骤", "window": "申领期", "unverified": "未见原文的部分",
    "deadline_note": "期限说明", "note": "说明",
}  # fmt: skip
_PARTS = {"amount": "金额", "materials": "材料", "steps": "步骤"}


def add(commands: Any) -> None:
    """Add `rules` and `explain` to the subcommands of an argument parser."""
    rules = commands.add_parser(
        "rules", help="规则库：查看、检查、测试、模拟 / the rule book", epilog="怎样改规则，见 docs/rules.md"
    )
    actions = rules.add_subparsers(required=True, metavar="ACTION")

    def action(name: str, text: str, command: Any) -> argparse.ArgumentParser:
        parser: argparse.ArgumentParser = actions.add_parser(name, help=text)
        parser.set_defaults(command=command)
        return parser

    own: dict[str, Any] = {
        "nargs": "?",
        "type": Path,
        "metavar": "DIR",
        "help": "本地规则文件夹，同名文件代替自带的 / folder of own files",
    }
    action("list", "全部规则 / all rules", _list).add_argument("folder", **own)
    show = action("show", "一条规则、定义或参数 / one rule, definition or parameter", _show)
    show.add_argument("name", metavar="NAME", help="编号或中文名，如 A1、大龄男性起始年龄")
    show.add_argument("folder", **own)
    copy = action("copy", "复制一个自带的文件来改 / copy a shipped file to edit", _copy)
    copy.add_argument("file", metavar="FILE", help="文件名，如 parameters.yaml、A1.yaml")
    copy.add_argument("folder", type=Path, metavar="DIR")
    action("check", "检查，逐处指出文件、行号、怎么改 / check", _check).add_argument("folder", **own)
    test = action("test", "逐个运行例子 / run the examples", _test)
    test.add_argument("folder", **own)
    test.add_argument("--rule", action="append", default=[], metavar="RULE", help="只看这条 / only this one")
    simulate = action("simulate", "改了以后谁进谁出 / who would enter and leave", _simulate)
    simulate.add_argument("folder", type=Path, metavar="DIR", help="改过的规则文件夹")
    simulate.add_argument(
        "--facts", type=Path, required=True, metavar="OUT", help="某次运行的结果文件夹 / a run's results"
    )
    simulate.add_argument(
        "--as-of", type=_date, metavar="DATE", help="默认为那次运行的基准日 / that run's day by default"
    )
    simulate.add_argument(
        "--list", type=Path, metavar="FILE.csv", help="把变动逐人写到这里 / every change by person"
    )

    explain = commands.add_parser("explain", help="为什么是这个结论 / why somebody got an answer")
    explain.add_argument("out", type=Path, metavar="OUT")
    explain.add_argument(
        "subject", metavar="PERSON", help="人员编号、证号、户编号或单位代码 / person, household or employer"
    )
    explain.add_argument(
        "--rule",
        action="append",
        default=[],
        metavar="RULE",
        help="只看这条，并列出全部条件 / the whole tree",
    )
    explain.set_defaults(command=_explain)


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(
            f"{text} 不是日期，应为 2023-01-15 这样 / no date such as 2023-01-15"
        ) from error


def _say(*lines: str) -> int:
    print(*lines, sep="\n", file=sys.stderr)
    return 2


def _book(folder: Path | None) -> Book | None:
    """The book with that folder's files; None after saying what is wrong."""
    from chunfeng.engines.rules.defects import BookError
    from chunfeng.pipeline import book

    if folder is not None and not folder.is_dir():
        _say(f"找不到文件夹 {folder}。 / There is no folder {folder}.")
        return None
    try:
        return book.load(folder)
    except BookError as error:
        _say(str(error))
        return None


def _list(options: argparse.Namespace) -> int:
    found = _book(options.folder)
    if found is None:
        return 2
    for rule in sorted(found.of(), key=lambda r: (list(_KINDS).index(r.kind), r.rule)):
        newest = max(rule.versions, key=lambda v: v.valid_from)
        document = newest.source.document if newest.source else ""
        print(f"{rule.rule:6}{_KINDS[rule.kind]}　{rule.name}　{document}")
    return 0


def _show(options: argparse.Namespace) -> int:
    found = _book(options.folder)
    if found is None:
        return 2
    name = options.name
    rules = [r for r in found.rules.values() if name in (r.rule, r.name)]
    parameters = [p for p in found.parameters.values() if name in (p.name, p.chinese)]
    if not rules and not parameters:
        return _say(f"没有 {name}；./chunfeng rules list 列出全部规则。 / no such rule or parameter.")
    for rule in rules:
        print(*_rule_lines(found, rule), sep="\n")
    for parameter in parameters:
        print(*_parameter_lines(found, parameter), sep="\n")
    return 0


def _rule_lines(book: Book, rule: Rule) -> Iterator[str]:
    from chunfeng.engines.rules.sentences import Phrases
    from chunfeng.pipeline.amounts import amount_text

    yield f"{rule.rule}　{rule.name}（{_KINDS[rule.kind]}）　{rule.english}　文件 {rule.file} 第 {rule.line} 行"
    for version in rule.versions:
        span = f"{_day(version.valid_from)} 至 {_day(version.valid_to)}"
        yield f"  版本 {version.version or '—'}　{span}　地区 {version.area or '全部'}　{_source(version.source)}"
        if version.reading:
            yield f"    口径：{version.reading}"
        yield f"    条件：{version.text}"
        day = min(max(version.valid_from, date(2008, 1, 1)), version.valid_to)
        phrases = Phrases(book, day, version.area or None)
        for number, node in enumerate(book.conditions(version, day), start=1):
            yield f"    {number}. {phrases.say(node)}"
        if "amount" in version.extra:
            yield f"    金额：{amount_text(book, version, {'area': version.area or None}, day)}"
        for key, value in version.extra.items():
            if isinstance(value, str) and value.startswith(":"):
                value = book.value(value[1:], version.area or None, day)
            if key not in ("amount", "higher"):
                yield f"    {_LABELS.get(key, key)}：{_plain(value)}"
    yield f"  例子 {len(rule.examples)} 个"


def _parameter_lines(book: Book, parameter: Parameter) -> Iterator[str]:
    yield f":{parameter.name}　{parameter.chinese}（参数，{parameter.unit}）　{parameter.english}"
    for value in parameter.values:
        shown = "未见" if value.value is None else str(value.value)
        yield (
            f"  {_day(value.valid_from)} 至 {_day(value.valid_to)}　地区 {value.area or '全部'}　{shown}{parameter.unit}"
            f"　{_source(value.source)}　文件 {value.file} 第 {value.line} 行"
        )
    users = sorted(
        {r.rule for r in book.rules.values() for v in r.versions if f":{parameter.name}" in v.text}
    )
    yield f"  用到它的：{'、'.join(users) or '只用于金额或程序'}"


def _source(source: Source | None) -> str:
    if source is None:
        return ""
    status = "已核" if source.status == "verified" else "待核"
    note = f"，{source.note}" if source.note else ""
    return f"{source.document}{source.article}（{status}{note}）"


def _day(day: date) -> str:
    return "—" if day in (date.min, date.max) else day.isoformat()


def _plain(value: Any) -> str:
    if isinstance(value, list):
        return "、".join(_plain(_PARTS.get(v, v) if isinstance(v, str) else v) for v in value)
    return "，".join(f"{k} {_plain(v)}" for k, v in value.items()) if isinstance(value, dict) else str(value)


def _copy(options: argparse.Namespace) -> int:
    from chunfeng.pipeline import book

    found = [p for p in book.files() if p.name == options.file]
    if not found:
        names = "、".join(p.name for p in book.files())
        return _say(f"没有自带的规则文件 {options.file}。可用：{names} / no such file.")
    target = options.folder / options.file
    if target.exists():
        return _say(f"{target} 已经有了，没有覆盖。 / It is there already; left as it is.")
    options.folder.mkdir(parents=True, exist_ok=True)
    target.write_bytes(found[0].read_bytes())
    print(f"已复制到 {target} / copied")
    return 0


def _check(options: argparse.Namespace) -> int:
    found = _book(options.folder)
    if found is None:
        return 2
    examples = sum(len(r.examples) for r in found.rules.values())
    print(
        f"可用 / usable：规则 {len(found.of())} 条，定义 {len(found.definitions())} 个，参数 {len(found.parameters)} 个，"
        f"例子 {examples} 个全部通过"
    )
    return 0


def _test(options: argparse.Namespace) -> int:
    from chunfeng.engines.rules.examples import run_examples
    from chunfeng.engines.rules.walk import WORDS

    found = _book(options.folder)
    if found is None:
        return 2
    unknown = [rule for rule in options.rule if rule not in found.rules]
    if unknown:
        return _say(f"没有规则 {unknown[0]}。 / no such rule.")
    outcomes = run_examples(found, options.rule or None)
    for outcome in outcomes:
        example = outcome.example
        version = outcome.version.version if outcome.version else "无"
        edge = "　界日" if outcome.edge else ""
        print(
            f"通过 {outcome.rule.rule:5}{example.as_of}　{WORDS[example.answer]:7}　{example.because}　［{version}］{edge}"
        )
    print(f"{len(outcomes)} 个例子全部通过 / all pass")
    return 0


def _simulate(options: argparse.Namespace) -> int:
    import polars as pl

    from chunfeng.engines.rules.changes import simulate
    from chunfeng.pipeline.explaining import ExplainError, read_tables
    from chunfeng.pipeline.outputs import write_csv

    current, proposed = _book(None), _book(options.folder)
    if current is None or proposed is None:
        return 2
    try:
        tables, as_of, _ = read_tables(options.facts)
    except ExplainError as error:
        return _say(str(error))
    as_of = options.as_of or as_of
    moved: list[pl.DataFrame] = []
    print(f"基准日 {as_of.isoformat()}　地区 规则 名称　新符合 不再符合 转为待定 待定已明")
    for entity, table in tables.items():
        members = tables["person"] if entity == "household" else None
        changes, summary = simulate(current, proposed, table, entity, as_of, members)
        moved.append(changes.rename({changes.columns[0]: "subject"}))
        for row in summary.iter_rows(named=True):
            name = (proposed.rules.get(row["rule"]) or current.rules[row["rule"]]).name
            counts = "　".join(str(row[c]) for c in ("entries", "exits", "became_unknown", "resolved"))
            print(f"{row['area'] or '—'}　{row['rule']}　{name}　{counts}")
    changed = pl.concat(moved)
    if changed.is_empty():
        print("没有任何结论改变 / nothing changes")
    if options.list is not None:
        write_csv(changed, options.list)
        print(f"逐人变动 {changed.height} 条，已写到 {options.list} / every change")
    return 0


def _explain(options: argparse.Namespace) -> int:
    from chunfeng.engines.rules.defects import BookError
    from chunfeng.pipeline.explaining import ExplainError, told

    try:
        for line in told(options.out, options.subject, options.rule):
            print(line)
    except (ExplainError, BookError) as error:
        return _say(str(error))
    return 0
