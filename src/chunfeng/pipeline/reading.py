"""Reading one file of the folder in a process of its own: bundles opened, sheets typed, extracts written."""

from __future__ import annotations

import hashlib
import json
import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import polars as pl

from chunfeng.engines.sheets import extract
from chunfeng.engines.sheets.answers import Answer
from chunfeng.engines.sheets.container import Refused, Source, expand
from chunfeng.engines.sheets.extract import Request, SheetReading
from chunfeng.engines.sheets.issues import SCHEMA as ISSUE_SCHEMA
from chunfeng.engines.sheets.issues import IssueLog, ReadingError
from chunfeng.engines.sheets.kinds import load_kinds
from chunfeng.engines.sheets.limits import DEFAULT, Limits
from chunfeng.engines.sheets.settled import SettledSheets
from chunfeng.pipeline import parquet, validity
from chunfeng.pipeline.cells import CellsKept
from chunfeng.pipeline.store import RECEIPT, Store

ISSUES = "issues.parquet"
OTHER_ROWS = "other_rows.parquet"
_ROWS_AT_ONCE = 25_000


@dataclass(frozen=True, slots=True)
class Task:
    """One file to read: where it is, under which name it is reported, and everything the reading depends on."""

    name: str
    path: Path
    key: str
    store: Path
    as_of: date
    region: str | None
    kinds: tuple[Path, ...] = ()
    answers: Mapping[str, Sequence[Answer]] = field(default_factory=dict)
    limits: Limits = DEFAULT
    settled: SettledSheets = field(default_factory=dict)
    only_settled: bool = False
    keep_cells: bool = False
    """Also keep the raw rows of every sheet, named `cells` in its receipt."""


def read_file(task: Task) -> dict[str, Any]:
    """Read one file into the store and return its receipt: sources, sheets, counts, names of the files written."""
    started = time.perf_counter()
    with (
        Store(task.store).adding(task.key) as folder,
        TemporaryDirectory(prefix="unpacked.part-", dir=task.store) as room,
    ):
        cells = CellsKept(folder) if task.keep_cells else None
        request = Request(
            load_kinds(task.kinds), task.as_of, task.region, task.answers, task.limits, task.settled, task.only_settled, cells
        )  # fmt: skip
        kept = cells.names if cells else {}
        sources: list[dict[str, Any]] = []
        sheets: list[dict[str, Any]] = []
        logs: list[IssueLog] = []
        others: list[pl.DataFrame] = []
        files = [ISSUES, OTHER_ROWS]
        read: list[SheetReading] = []
        for found in expand(task.path, task.name, task.limits, Path(room)):
            log = IssueLog(found.name)
            if isinstance(found, Refused):
                log.add(found.code, value=found.detail)
                sources.append({"name": found.name, "refused": found.code})
            elif task.only_settled and not any(file == found.name for file, _ in task.settled):
                log.add("NOT_ACCEPTED")
                sources.append({"name": found.name, "format": found.format})
            else:
                readings, error = _read_source(found, request, folder, log, files)
                sources.append(
                    {"name": found.name, "format": found.format} | ({"refused": error} if error else {})
                )
                sheets += [
                    _sheet_receipt(r, name) | ({"cells": kept.get((r.file, r.sheet), "")} if cells else {})
                    for r, name in readings
                ]
                others += [r.not_data_rows() for r, _ in readings]
                read += [r for r, _ in readings]
            logs.append(log)
        if cells:
            cells.close()
            files += kept.values()
        issues = (part for log in logs for part in log.parts(_ROWS_AT_ONCE))
        parquet.write(issues, folder / ISSUES, ISSUE_SCHEMA)
        parquet.write(others, folder / OTHER_ROWS, extract.OTHER_ROWS_SCHEMA)
        extracts = [folder / s["extract"] for s in sheets if s["extract"]]
        valid = validity.days_valid(task.as_of, read, extracts, folder / ISSUES)
        receipt = {
            "name": task.name,
            "valid": [day.isoformat() for day in valid],
            "sources": sources,
            "sheets": sheets,
            "files": files,
            "seconds": round(time.perf_counter() - started, 3),
            "peak_memory_mb": _peak_memory_mb(),
        }
        (folder / RECEIPT).write_text(json.dumps(receipt, ensure_ascii=False, indent=1), encoding="utf-8")
    return receipt


def _read_source(
    source: Source, request: Request, folder: Path, log: IssueLog, files: list[str]
) -> tuple[list[tuple[SheetReading, str]], str]:
    """All sheets of one source, each written as it is read. Nothing of a source that breaks half-way is kept."""
    done: list[tuple[SheetReading, str]] = []
    try:
        for reading in extract.read(source, request, log):
            name = extract_name(reading)
            done.append((reading, name if parquet.write(reading.batches(), folder / name) else ""))
    except ReadingError as error:
        for _, name in done:
            (folder / name).unlink(missing_ok=True) if name else None
        log.add(error.code, sheet=error.sheet, value=error.detail)
        return [], error.code
    extract.mark_earlier_periods([r for r, _ in done], log)
    for reading, name in done:
        if name and not reading.current:
            frame = pl.read_parquet(folder / name).with_columns(pl.lit(False).alias("current"))
            parquet.write(frame.iter_slices(_ROWS_AT_ONCE), folder / name)
    if not done:
        log.add("FILE_NO_TABLE")
    files += [name for _, name in done if name]
    return done, ""


def extract_name(reading: SheetReading) -> str:
    """File name of an extract: kind first, then the sender's names as far as they fit, then a hash that tells apart."""
    seen_as = f"{reading.file}/{reading.sheet}"
    slug = re.sub(r"[^\w\u4e00-\u9fff]+", "-", seen_as).strip("-")[-48:]
    return f"{reading.kind}.{slug}.{hashlib.sha256(seen_as.encode()).hexdigest()[:8]}.parquet"


def _sheet_receipt(reading: SheetReading, name: str) -> dict[str, Any]:
    plan = reading.plan
    return {
        "file": reading.file,
        "sheet": reading.sheet,
        "role": reading.role,
        "kind": reading.kind if reading.role != "note" else "",
        "confidence": round(plan.confidence, 3),
        "candidates": plan.candidates,
        "saved": plan.saved,
        "titled": list(reading.titled),
        "department": reading.department,
        "period": reading.period.isoformat() if reading.period else None,
        "place": reading.place,
        "current": reading.current,
        "hidden": reading.hidden,
        "header_rows": [plan.header.first, plan.header.last] if plan.header else None,
        "signature": reading.signature,
        "columns": [
            {
                "column": c.index + 1,
                "header": c.header,
                "field": c.field,
                "confidence": c.confidence,
                "why": c.why,
            }
            for c in plan.columns
        ],
        "rows": sum(reading.counts.values()),
        "row_kinds": reading.counts,
        "records": reading.records,
        "extract": name,
    }


def _peak_memory_mb() -> int | None:
    """Highest resident memory of this process so far (a worker reads many files: it only rises)."""
    try:
        status = Path("/proc/self/status").read_text()
    except OSError:
        return None
    return int(status.split("VmHWM:")[1].split()[0]) >> 10
