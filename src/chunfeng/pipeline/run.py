"""The main job: a folder of departments' files through all stages into OUT, with an account of itself in run.json."""

from __future__ import annotations

import fcntl
import json
import os
import platform
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

import chunfeng
from chunfeng.engines.rules.defects import Defect
from chunfeng.engines.sheets.kinds import load_kinds
from chunfeng.pipeline import accepted, inputs, intake, mappings, registry, stages
from chunfeng.pipeline.outputs import whole
from chunfeng.pipeline.store import reader_version
from chunfeng.pipeline.tokens import TokensError, read_key
from chunfeng.reference import regions


class RunError(Exception):
    """The run cannot begin; the message says what to do, Chinese first."""


@dataclass(frozen=True, slots=True)
class Options:
    """What a run is asked: where from, for which date, where to."""

    folder: Path
    as_of: date
    out: Path
    state: Path | None = None
    keys: Mapping[str, Path] = field(default_factory=dict)
    region: str | None = None
    workers: int = 0
    """Reading processes; 0: one per core."""


@dataclass(slots=True)
class Outcome:
    """A finished run: the stages' results and what run.json says."""

    intake: intake.Intake
    registry: registry.Registry
    account: dict[str, Any]
    defects: tuple[Defect, ...] = ()
    """Of the county's own rules: the last accepted ones stood in for them."""


def run(options: Options, progress: intake.Progress, later: stages.Progress | None = None) -> Outcome:
    """All stages in order. `progress` is told of every file read, `later` of every stage after that.

    Raises RunError, AcceptedError, MappingError, KindError or DecisionError when it cannot begin; then nothing was changed.
    """
    started = time.perf_counter()
    _check(options)
    for folder in filter(None, (options.out, options.state)):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        folder.chmod(0o700)
    with ExitStack() as held:
        for folder in filter(None, (options.out, options.state)):
            held.enter_context(_alone(folder))
        kind_folders = tuple(
            f for f in ((options.state / "kinds") if options.state else None,) if f and f.is_dir()
        )
        kinds = load_kinds(kind_folders)
        answers = _answers(options, kinds)
        keys = _keys(options)
        registry.load_decisions(
            options.state
        )  # a decision that cannot be used stops the run before it begins
        settled = (
            accepted.load(options.state / accepted.FILE, kinds) if options.state else accepted.Accepted()
        )
        found = inputs.find(options.folder)
        if not settled.kept and not any(not i.refused for i in found):
            raise RunError(f"{options.folder} 里没有可读的文件。 / no readable file in it.")
        region = options.region or inputs.county_of(options.folder, found)
        listed = time.perf_counter()
        result = intake.run(
            found,
            options.out,
            (options.state or options.out / ".readings") / ("readings" if options.state else ""),
            as_of=options.as_of,
            region=region,
            kinds=kinds,
            kind_folders=kind_folders,
            answers=answers,
            workers=options.workers or os.cpu_count() or 1,
            progress=progress,
            accepted=settled,
        )
        read = time.perf_counter()
        done = stages.run(options.out, options.state, options.as_of, region, keys, later or _silent)
        seconds = {"list": listed - started, "intake": read - listed} | done.seconds
        account = _account(options, region, result, done, seconds, settled)
        with whole(options.out / "run.json") as part:
            part.write_text(json.dumps(account, ensure_ascii=False, indent=1), encoding="utf-8")
    return Outcome(result, done.registry, account, done.defects)


def _silent(done: int, total: int, name: str) -> None:
    pass


def _check(options: Options) -> None:
    if not options.folder.is_dir():
        raise RunError(f"找不到文件夹 {options.folder}。 / There is no folder {options.folder}.")
    folder, out = options.folder.resolve(), options.out.resolve()
    for target in (out, options.state.resolve() if options.state else out):
        if target == folder or target.is_relative_to(folder) or folder.is_relative_to(target):
            raise RunError(
                "输出和状态文件夹不能与报送文件夹互相包含，否则结果会被当成输入。 / OUT and --state must lie apart from FOLDER."
            )
    for name, path in options.keys.items():
        if not path.is_file() or path.stat().st_size == 0:
            raise RunError(f"--key {name}: 密钥文件 {path} 不存在或是空的。 / key file missing or empty.")
    if options.region is not None and regions.get(options.region) is None:
        raise RunError(f"没有区划代码 {options.region}。 / No region has the code {options.region}.")


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Hold the folder for this run only."""
    handle = os.open(folder / ".lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise RunError(
                f"另一次运行正在使用 {folder}，请等它结束。 / Another run is using it: wait for its end."
            ) from error
        yield
    finally:
        os.close(handle)


def _answers(options: Options, kinds: dict[str, Any]) -> mappings.Answers:
    """Confirmed mappings of the state folder and of OUT; what was confirmed in OUT is kept in the state from now on."""
    in_out = mappings.load(options.out / "mappings", kinds)
    if options.state is None:
        return in_out
    kept = options.state / "mappings"
    for path in (options.out / "mappings").glob("*.yaml"):
        saved = mappings.read(path, kinds)
        if saved.confirmed:
            kept.mkdir(parents=True, exist_ok=True, mode=0o700)
            with whole(kept / path.name) as part:
                part.write_bytes(path.read_bytes())
    return mappings.load(kept, kinds) | in_out


def _keys(options: Options) -> dict[str, bytes]:
    """The keys given, by name."""
    try:
        return {name: read_key(path, allow_short=True).value for name, path in options.keys.items()}
    except TokensError as error:
        raise RunError(str(error)) from error


def _account(
    options: Options,
    region: str | None,
    result: intake.Intake,
    done: stages.Done,
    seconds: dict[str, float],
    settled: accepted.Accepted,
) -> dict[str, Any]:
    sheets = [s for e in result.receipts for s in e["sheets"]]
    row_kinds: Counter[str] = Counter()
    for sheet in sheets:
        row_kinds.update(sheet["row_kinds"])
    severities = dict(result.issues["severity"].value_counts(sort=True).iter_rows())
    codes = result.issues["code"].value_counts(sort=True).sort(["count", "code"], descending=[True, False])
    return {
        "program": {
            "version": chunfeng.__version__,
            "reader": reader_version(),
            "python": platform.python_version(),
            "polars": pl.__version__,
        },
        "parameters": {
            "folder": options.folder.name,
            "as_of": options.as_of.isoformat(),
            "region": region,
            "region_given": options.region is not None,
            "state": options.state is not None,
            "keys": sorted(options.keys),
            "accepted_sheets": len(settled.sheets),
        },
        "counts": {
            "files": len(result.receipts),
            "files_read": result.read,
            "files_unchanged": result.skipped,
            "files_refused": sum(bool(s.get("refused")) for e in result.receipts for s in e["sources"]),
            "sheets": len(sheets),
            "extracts": sum(bool(s["extract"]) for s in sheets),
            "rows": sum(s["rows"] for s in sheets),
            "records": sum(s["records"] for s in sheets),
            "row_kinds": dict(sorted(row_kinds.items())),
            "issues": severities,
            "issue_codes": dict(codes.iter_rows()),
        },
        **done.counts,
        "seconds": {k: round(v, 3) for k, v in seconds.items()},
        "inputs": result.receipts,
    }
