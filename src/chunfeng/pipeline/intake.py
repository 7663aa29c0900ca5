"""Stage 1, intake: every file of the folder becomes extracts and a list of problems; unchanged files are not read again."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from chunfeng.engines.sheets.issues import SCHEMA as ISSUE_SCHEMA
from chunfeng.engines.sheets.issues import IssueLog
from chunfeng.engines.sheets.kinds import Kind
from chunfeng.engines.sheets.limits import DEFAULT, Limits
from chunfeng.engines.sheets.reading import OTHER_ROWS_SCHEMA
from chunfeng.pipeline import mappings, reading
from chunfeng.pipeline.accepted import Accepted
from chunfeng.pipeline.inputs import Input
from chunfeng.pipeline.outputs import write_csv, write_workbook
from chunfeng.pipeline.store import Store, fingerprint, reader_version
from chunfeng.pipeline.workers import Crash, Pool

HEADINGS = {
    "file": "文件", "sheet": "工作表", "row": "行", "column": "列", "severity": "程度", "code": "代码", "message": "问题与处理办法",
    "value": "单元格内容",
}  # fmt: skip
WIDTHS = {
    "file": 30,
    "sheet": 12,
    "row": 7,
    "column": 16,
    "severity": 8,
    "code": 20,
    "message": 60,
    "value": 28,
}
SEVERITIES = {"error": "须改正", "warning": "请核对", "info": "知悉"}
Progress = Callable[[int, int, str], None]
"""Called with files done, files in all, name of the file just done."""


@dataclass(slots=True)
class Intake:
    """What the stage found: per input its receipt, and all issues and not-data rows together."""

    receipts: list[dict[str, Any]] = field(default_factory=list)
    issues: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=ISSUE_SCHEMA))
    other_rows: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=OTHER_ROWS_SCHEMA))
    read: int = 0
    skipped: int = 0


def run(
    inputs: Sequence[Input],
    out: Path,
    store_folder: Path,
    *,
    as_of: date,
    region: str | None,
    kinds: dict[str, Kind],
    kind_folders: tuple[Path, ...],
    answers: mappings.Answers,
    workers: int,
    progress: Progress,
    limits: Limits = DEFAULT,
    accepted: Accepted = Accepted(),  # noqa: B008  it does not change
) -> Intake:
    """Read what has changed, publish `extracts/`, `issues.csv`, `issues.xlsx`, `other_rows.csv`, `mappings/` into `out`."""
    store = Store(store_folder)
    readable = [i for i in inputs if not i.refused]
    keys = {
        i.name: fingerprint(
            name=i.name,
            sha256=i.sha256,
            reader=reader_version(),
            region=region,
            kinds=[
                (p.name, p.read_text(encoding="utf-8"))
                for f in kind_folders
                for p in sorted(f.glob("*.yaml"))
            ],
            answers=answers,
            limits=str(limits),
            accepted=sorted(accepted.of(i.name).items()),
        )
        for i in readable
    }
    receipts = {i.name: receipt for i in readable if (receipt := store.get(keys[i.name], as_of)) is not None}
    result = Intake(skipped=len(receipts))
    todo = sorted((i for i in readable if i.name not in receipts), key=lambda i: -i.size)
    tasks = [
        reading.Task(
            i.name,
            i.path,
            keys[i.name],
            store_folder,
            as_of,
            region,
            kind_folders,
            answers,
            limits,
            accepted.of(i.name),
            bool(accepted.of(i.name)),
        )
        for i in todo
    ]
    crashed: dict[str, str] = {}
    done = len(receipts)
    if todo:
        count = max(1, min(workers, len(todo)))
        threads = max(1, (os.cpu_count() or 1) // count)
        with Pool(
            reading.read_file,
            count=count,
            threads=threads,
            seconds=limits.file_seconds,
            memory=limits.memory_bytes,
        ) as pool:
            for index, outcome in pool.run(tasks):
                name = todo[index].name
                if isinstance(outcome, Crash):
                    crashed[name] = outcome.reason
                else:
                    receipts[name] = outcome
                    result.read += 1
                done += 1
                progress(done, len(readable), name)
    _collect(result, inputs, receipts, crashed, store, keys)
    _publish(result, out, store, keys, kinds)
    store.sweep(set(keys.values()))
    return result


def _collect(
    result: Intake,
    inputs: Sequence[Input],
    receipts: dict[str, dict[str, Any]],
    crashed: dict[str, str],
    store: Store,
    keys: dict[str, str],
) -> None:
    issues: list[pl.DataFrame] = []
    others: list[pl.DataFrame] = []
    first: dict[str, str] = {}
    for item in inputs:
        entry: dict[str, Any] = {"name": item.name, "size": item.size, "sha256": item.sha256}
        problem = item.refused or ("FILE_CRASHED" if item.name in crashed else "")
        if problem:
            log = IssueLog(item.name)
            log.add(problem, value=crashed.get(item.name, ""))
            issues.append(log.table())
            entry |= {"sources": [{"name": item.name, "refused": problem}], "sheets": []}
        else:
            receipt = receipts[item.name]
            folder = store.path(keys[item.name])
            issues.append(pl.read_parquet(folder / reading.ISSUES))
            others.append(pl.read_parquet(folder / reading.OTHER_ROWS))
            entry |= {k: receipt[k] for k in ("sources", "sheets", "seconds", "peak_memory_mb")}
            if first.setdefault(item.sha256, item.name) != item.name:
                log = IssueLog(item.name)
                log.add("FILE_TWICE", value=first[item.sha256])
                issues.append(log.table())
        result.receipts.append(entry)
    result.issues = pl.concat(issues) if issues else result.issues
    result.other_rows = pl.concat(others) if others else result.other_rows


def _publish(result: Intake, out: Path, store: Store, keys: dict[str, str], kinds: dict[str, Kind]) -> None:
    folder = out / "extracts"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    wanted: dict[str, Path] = {}
    for entry in result.receipts:
        for sheet in entry["sheets"]:
            if sheet["extract"]:
                wanted[sheet["extract"]] = store.path(keys[entry["name"]]) / sheet["extract"]
    for path in folder.iterdir():
        if path.name not in wanted:
            path.unlink()
    for name, source in wanted.items():
        _link(source, folder / name)
    write_csv(result.issues, out / "issues.csv")
    write_csv(result.other_rows, out / "other_rows.csv")
    write_workbook(by_department(result), HEADINGS, WIDTHS, out / "issues.xlsx")
    mappings.propose([s for e in result.receipts for s in e["sheets"]], kinds, out / "mappings")


def _link(source: Path, target: Path) -> None:
    """The same file under another name, or a copy where the file system has no such links."""
    if target.exists() and target.samefile(source):
        return
    part = target.with_suffix(".part")
    part.unlink(missing_ok=True)
    try:
        os.link(source, part)
    except OSError:
        shutil.copyfile(source, part)
    part.chmod(0o600)
    part.replace(target)


def by_department(result: Intake) -> list[tuple[str, pl.DataFrame]]:
    """The issues as they are sent back: one table per department, gravest first, in the order of the sender's rows."""
    owners = pl.DataFrame(
        [(s["file"], s["sheet"], s["department"]) for e in result.receipts for s in e["sheets"]],
        schema=dict.fromkeys(("file", "sheet", "department"), pl.String),
        orient="row",
    )
    by_file = owners.group_by("file").agg(pl.col("department").mode().sort().first().alias("of_file"))
    rank = pl.col("severity").replace_strict({"error": 0, "warning": 1, "info": 2}, return_dtype=pl.Int8)
    table = (
        result.issues.join(
            owners.unique(["file", "sheet"]), on=["file", "sheet"], how="left", maintain_order="left"
        )
        .join(by_file, on="file", how="left", maintain_order="left")
        .with_columns(
            pl.coalesce("department", "of_file", pl.lit("其他")).alias("department"), rank.alias("rank")
        )
        .sort("department", "rank", "file", "sheet", "row", maintain_order=True)
        .with_columns(pl.col("severity").replace(SEVERITIES))
    )
    columns = list(ISSUE_SCHEMA)
    return [
        (str(name[0]), part.select(columns))
        for name, part in table.partition_by("department", as_dict=True, maintain_order=True).items()
    ]
