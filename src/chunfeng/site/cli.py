"""The command line behind `./chunfeng`: the job on files, and the platform (`platform_cli`).

Messages are Chinese first, English second.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from chunfeng.site import platform_cli, rules_cli, why_cli

if TYPE_CHECKING:
    from chunfeng.pipeline.run import Outcome


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit code 0: done (problems in files are results, not failures); 2: cannot begin; 130: interrupted."""
    options = _parser().parse_args(arguments)
    try:
        return int(options.command(options))
    except KeyboardInterrupt:
        _say("已中断。已读完的文件不会重读，再运行一次即可接着做。 / Interrupted. Run again to go on.")
        return 130
    except BrokenPipeError:
        return 0


def _say(*lines: str) -> None:
    print(*lines, sep="\n", file=sys.stderr)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="./chunfeng", description="春风 Chunfeng")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    run = commands.add_parser("run", help="读入各部门文件 / read the departments' files")
    run.add_argument("folder", type=Path, metavar="FOLDER", help="各部门报送的文件夹 / the folder as sent")
    run.add_argument(
        "--as-of",
        type=_date,
        required=True,
        metavar="DATE",
        help="基准日，如 2023-01-15 / the date all answers hold for",
    )
    run.add_argument("--out", type=Path, required=True, metavar="OUT", help="结果写到哪里 / where results go")
    run.add_argument(
        "--state",
        type=Path,
        metavar="DIR",
        help="跨次运行保存的东西：列对应、自定表类、已读结果 / what outlives a run",
    )
    run.add_argument(
        "--key",
        action="append",
        type=_key,
        default=[],
        metavar="NAME=KEYFILE",
        help="令牌名单所用的密钥文件，可重复 / key of a tokenised list",
    )
    run.add_argument(
        "--region",
        metavar="CODE",
        help="报送县的区划代码，默认从文件判断 / county code; told from the files otherwise",
    )
    run.add_argument(
        "--workers",
        type=int,
        default=0,
        metavar="N",
        help="读取进程数，默认每核一个 / reading processes, one per core",
    )
    run.set_defaults(command=_run)

    kinds = commands.add_parser("kinds", help="能识别的名单种类 / the kinds of list it knows")
    kinds.add_argument("action", nargs="?", choices=("list", "show", "check"), default="list")
    kinds.add_argument(
        "target",
        nargs="?",
        metavar="KIND|DIR",
        help="show: 种类代码；check: 自定种类的文件夹 / code; folder of own kinds",
    )
    kinds.add_argument(
        "--state", type=Path, metavar="DIR", help="也列出其中的自定种类 / own kinds in it, too"
    )
    kinds.set_defaults(command=_kinds)

    tokens = commands.add_parser(
        "tokens",
        help="把名单变成密钥令牌，供比对而不交出明文 / keyed tokens, to compare without handing over plaintext",
        epilog="保护什么、不保护什么，见 docs/tokens.md / what it protects against and what not: docs/tokens.md",
    )
    tokens.add_argument(
        "file", type=Path, metavar="FILE", help="名单，任何表格文件 / the list, any spreadsheet"
    )
    tokens.add_argument(
        "--key",
        type=Path,
        required=True,
        metavar="KEYFILE",
        help="双方约定的密钥文件 / file of the key both sides share",
    )
    tokens.add_argument(
        "--out",
        type=Path,
        metavar="OUT.csv",
        help="默认写在名单旁边，名为 FILE.tokens.csv / beside FILE by default",
    )
    tokens.add_argument(
        "--keep",
        nargs="+",
        action="extend",
        default=[],
        metavar="COLUMN",
        help="随带的属性列，默认一列不带 / attributes to send along; none by default",
    )
    tokens.add_argument(
        "--region",
        metavar="CODE",
        help="名单所属县的区划代码，默认从文件判断 / county code; told from the file otherwise",
    )
    tokens.add_argument(
        "--i-know",
        action="store_true",
        help="确有依据时：允许随带能认出人的列、允许过短的旧密钥 / let identifying columns and short old keys pass",
    )
    tokens.set_defaults(command=_tokens)

    rules_cli.add(commands)
    why_cli.add(commands)
    platform_cli.add(commands)
    return parser


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(
            f"{text} 不是日期，应为 2023-01-15 这样 / no date such as 2023-01-15"
        ) from error


def _key(text: str) -> tuple[str, Path]:
    name, equals, path = text.partition("=")
    if not (name and equals and path):
        raise argparse.ArgumentTypeError(f"{text}: 应为 名称=密钥文件 / expected NAME=KEYFILE")
    return name, Path(path)


# --- run -------------------------------------------------------------------------------------------------------------


def _run(options: argparse.Namespace) -> int:
    from chunfeng.engines.linkage.decisions import DecisionError
    from chunfeng.engines.sheets.kinds import KindError
    from chunfeng.pipeline import run
    from chunfeng.pipeline.accepted import AcceptedError
    from chunfeng.pipeline.mappings import MappingError
    from chunfeng.pipeline.stages import StageError
    from chunfeng.site.progress import bars

    asked = run.Options(
        folder=options.folder,
        as_of=options.as_of,
        out=options.out,
        state=options.state,
        keys=dict(options.key),
        region=options.region,
        workers=options.workers,
    )
    try:
        with bars("读入 intake", "比对与认定 stages") as (progress, later):
            outcome = run.run(asked, progress, later)
    except (run.RunError, AcceptedError, StageError, KindError, MappingError, DecisionError) as error:
        _say(str(error))
        return 2
    _summary(outcome, options.out)
    return 0


def _summary(outcome: Outcome, out: Path) -> None:
    counts = outcome.account["counts"]
    issues = counts["issues"]
    region = outcome.account["parameters"]["region"] or "未能判断，可用 --region 指定 / unknown"
    print(f"报送地区 region    {region}")
    print(
        f"文件 files         {counts['files']}（新读 read {counts['files_read']}，未变 unchanged {counts['files_unchanged']}，"
        f"未能读 refused {counts['files_refused']}）"
    )
    print(f"表 tables          {counts['sheets']}，得明细 extracts {counts['extracts']}")
    other = counts["rows"] - counts["records"]
    print(
        f"行 rows            {counts['rows']:,} = 记录 records {counts['records']:,} + 其他 other {other:,}"
    )
    print(
        f"问题 issues        须改正 errors {issues.get('error', 0):,}，请核对 warnings {issues.get('warning', 0):,}，"
        f"知悉 infos {issues.get('info', 0):,}"
    )
    linkage = outcome.account["linkage"]
    linked = linkage["claims"] - linkage["lanes"]["none"]
    print(
        f"人员 persons       {linkage['persons']:,}（人员行 rows {linkage['claims']:,}，已归人 linked {linked:,}，"
        f"待人工核对 to review {linkage['review_rows']:,}）"
    )
    for line in _decided(outcome):
        print(line)
    refused = [
        (s["name"], s["refused"]) for e in outcome.account["inputs"] for s in e["sources"] if s.get("refused")
    ]
    for name, code in refused[:20]:
        print(f"  未读 refused: {name} ({code})")
    if len(refused) > 20:
        print(f"  …… 另 {len(refused) - 20} 个，见 issues.csv / more in issues.csv")
    print(
        f"结果 results       {out}：issues.xlsx（退回各部门核改），review.csv（待人工核对），findings.csv（比对发现），"
        "recognition.csv，entitlements.csv，posts.csv，run.json"
    )
    print(f"用时 seconds       {sum(outcome.account['seconds'].values()):.1f}")


def _decided(outcome: Outcome) -> list[str]:
    """What the rules said, in a few lines."""
    recognition = outcome.account["decisions"]["recognition"]
    answers = {a: sum(by.get(a, 0) for by in recognition.values()) for a in ("yes", "unknown")}
    posts = outcome.account["posts"]
    lines = [
        f"困难认定 recognised {answers['yes']:,} 人次（待定 unknown {answers['unknown']:,}），见 recognition.csv",
        f"岗位审查 posts      {posts['posts']:,}（不合法 unlawful {posts['posts_no']:,}，"
        f"须人工判断 to judge {posts['posts_review']:,}）",
    ]
    if outcome.defects:
        lines.append(
            f"本地规则有 {len(outcome.defects)} 处缺陷，未采用，仍按上次通过的规则 / the county's own rules were not taken:"
        )
        lines += [f"  {defect}" for defect in outcome.defects[:10]]
    return lines


# --- kinds -----------------------------------------------------------------------------------------------------------


def _kinds(options: argparse.Namespace) -> int:
    from chunfeng.engines.sheets.kinds import KindError, load_kinds

    folders = [options.state / "kinds"] if options.state else []
    if options.action == "check" and options.target:
        folders.append(Path(options.target))
    for folder in folders:
        if not folder.is_dir():
            _say(f"找不到文件夹 {folder}。 / There is no folder {folder}.")
            return 2
    try:
        kinds = load_kinds(folders)
    except KindError as error:
        _say(str(error))
        return 2
    if options.action == "check":
        print(f"{len(kinds)} 种，全部可用 / kinds, all usable")
        return 0
    if options.action == "list":
        for kind in sorted(kinds.values(), key=lambda k: (k.department, k.code)):
            print(f"{kind.code:28} {kind.department}\t{kind.name}\t{kind.english}")
        return 0
    if options.target not in kinds:
        _say(f"没有种类 {options.target}；./chunfeng kinds 列出全部。 / No such kind.")
        return 2
    kind = kinds[options.target]
    print(f"{kind.code}  {kind.name}  {kind.english}\n报送部门 department: {kind.department}")
    for f in kind.fields:
        marks = ("必报 " if f.required else "") + ("特征 " if f.signature else "")
        print(
            f"  {f.name:28} {f.type:22} {f.label} {marks}\n{'':31}认得的表头 headers: {'、'.join(sorted(f.words))}"
        )
    return 0


# --- tokens ----------------------------------------------------------------------------------------------------------


def _tokens(options: argparse.Namespace) -> int:
    from chunfeng.engines.sheets.kinds import KindError
    from chunfeng.pipeline import tokens

    out = options.out or options.file.with_name(f"{options.file.name}.tokens.csv")
    try:
        key = tokens.read_key(options.key, allow_short=options.i_know)
        _say(*(f"注意 warning: {warning}" for warning in key.warnings))
        made = tokens.make_tokens(
            options.file, key, out, keep=options.keep, i_know=options.i_know, region=options.region
        )
    except (tokens.TokensError, KindError) as error:
        _say(str(error))
        return 2
    except OSError as error:
        _say(f"写不了 {out}：{error.strerror}。 / It cannot be written.")
        return 2
    for table in made.tables:
        columns = "，".join(f"{label} ← {header or '（无表头）'}" for label, header in table.columns)
        where = f"{table.file} {table.sheet}".strip()
        print(
            f"表 table {table.number}         {where}：行 rows {table.rows:,}，记录 records {table.records:,}；"
            + (columns if table.persons else "不是人员名单，未写入 / no persons: left out")
        )
    for name, message in made.refused:
        print(f"  未读 refused: {name} ({message})")
    print(f"记录 records       {made.records:,}，其中一个令牌也没有的 without any token {made.bare:,}")
    for name in made.tokens:
        print(f"  {name:<20} {made.tokens[name]:,}")
    if made.kept:
        print(
            f"随带 kept          {'、'.join(made.kept)}；{made.few_alike:,} 条记录的组合不足 5 条相同，可能据此认出人"
            " / so many are rare enough to be told by them"
        )
    print(f"密钥指纹 key       {key.fingerprint}（请与对方核对 / compare it with the other side）")
    print(f"结果 result        {out}")
    return 0
