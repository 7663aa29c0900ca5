"""What the next month costs: the sample county again with 5 % of its rows changed, beside reading and linking all anew."""

from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path

import numpy as np
import polars as pl

from _processes import ROOT, Cost, measure

SAMPLE = ROOT / "examples/liancheng"
AS_OF, KEY = "2023-01-15", "CFXD-2023-liudong"
SHARE = 0.05
SMALL = (
    "03残联-持证残疾人.csv",
    "13来电求助.csv",
    "17社保-养老待遇领取.csv",
    "19市监-经营主体.csv",
    "22公安-流动人口登记.csv",
)
"""Lists that together hold some 2 % of the rows."""


def changed(folder: Path, names: list[str], share: float, seed: int) -> int:
    """Change that share of the rows of these lists: half say something else in their last filled cell, half are gone."""
    rng = np.random.default_rng(seed)
    rows = 0
    for name in names:
        path = folder / name
        raw = path.read_bytes()
        encoding = "gb18030" if _fails(raw) else "utf-8"
        head, *lines = raw.decode(encoding).splitlines(keepends=True)
        draw = rng.random(len(lines))
        kept = [
            line if d >= share else line.rstrip("\r\n") + "改\r\n"
            for line, d in zip(lines, draw, strict=True)
            if d >= share / 2
        ]
        rows += int((draw < share).sum())
        path.write_bytes((head + "".join(kept)).encode(encoding))
    return rows


def _fails(raw: bytes) -> bool:
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return True
    return False


def month(run: str) -> None:
    """Print what a run costs that knows the last one, as a share of the same run without it; `run`: the measured code."""
    with tempfile.TemporaryDirectory() as home:
        base, key = Path(home), Path(home) / "key"
        key.write_text(KEY, encoding="ascii")

        def cost(folder: Path, out: str, state: str) -> tuple[Cost, dict[str, float]]:
            given = [
                "run",
                str(folder),
                "--as-of",
                AS_OF,
                "--out",
                str(base / out),
                "--state",
                str(base / state),
                "--key",
                f"mobile={key}",
            ]
            spent = measure(run, *given)
            return spent, json.loads((base / out / "run.json").read_text(encoding="utf-8"))["seconds"]

        cost(SAMPLE, "first", "state")
        csvs = sorted(p.name for p in SAMPLE.glob("*.csv"))
        print("\nThe next month, given what the last run kept, as a share of the same run that knows nothing")
        for title, names, share in (
            ("5 % of the rows of every CSV list", csvs, SHARE),
            ("all changed rows in five of the lists", list(SMALL), 1.0),
            ("nothing changed", [], 0.0),
        ):
            folder = base / "month"
            shutil.copytree(SAMPLE, folder)
            rows = changed(folder, names, share, 1)
            for state in ("kept", "bare"):
                shutil.copytree(
                    base / "state",
                    base / state,
                    ignore=shutil.ignore_patterns("readings") if state == "bare" else None,
                )
            kept, stages = cost(folder, "one", "kept")
            full, all_stages = cost(folder, "two", "bare")
            same = all(
                (base / "one" / n).read_bytes() == (base / "two" / n).read_bytes()
                for n in ("links.csv", "persons.parquet")
            )
            links = pl.read_csv(base / "one/links.csv", infer_schema=False).height
            print(f"  {title}: {rows:,} of {links:,} rows")
            print(
                f"    wall {kept.wall:.1f} of {full.wall:.1f} s ({kept.wall / full.wall:.0%}), CPU {kept.cpu:.1f} of {full.cpu:.1f} s ({kept.cpu / full.cpu:.0%}; goal ≤ 8 %: {'met' if kept.cpu <= 0.08 * full.cpu else 'missed'}); the same bytes: {'yes' if same else 'NO'}"
            )
            print(
                "    "
                + ", ".join(f"{stage} {s:.1f} of {all_stages[stage]:.1f} s" for stage, s in stages.items())
            )
            for used in ("month", "kept", "bare", "one", "two"):
                shutil.rmtree(base / used)
