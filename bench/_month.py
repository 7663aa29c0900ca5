"""What the next month costs: the sample county in February after January, some of its rows changed, beside reading and linking all anew."""

from __future__ import annotations

import json
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from _processes import ROOT, Cost, measure

SAMPLE = ROOT / "examples/liancheng"
JANUARY, FEBRUARY, KEY = "2023-01-15", "2023-02-15", "CFXD-2023-liudong"
SHARE, GOAL = 0.05, 0.08
SMALL = (
    "03残联-持证残疾人.csv",
    "13来电求助.csv",
    "17社保-养老待遇领取.csv",
    "19市监-经营主体.csv",
    "22公安-流动人口登记.csv",
)
"""Lists that together hold some 2 % of the rows."""
PUBLISHED = ("links.csv", "review.csv", "persons.parquet", "person_values.parquet", "households.csv", "findings.csv", "issues.csv")  # fmt: skip

RUN = """
import json, resource, sys, time
from datetime import date
from pathlib import Path
from chunfeng.engines.sheets.kinds import load_kinds
from chunfeng.pipeline import inputs, intake, mappings, registry
from chunfeng.pipeline.tokens import read_key

spent = {}

def timed(name, work):
    def run(*given, **named):
        before = cpu()
        done = work(*given, **named)
        spent[name] = cpu() - before
        return done
    return run

def cpu():
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime

if __name__ == "__main__":
    folder, out, state, key = map(Path, sys.argv[1:5])
    as_of = date.fromisoformat(sys.argv[5])
    for made in (out, state):
        made.mkdir(exist_ok=True)
    kinds, found = load_kinds(()), inputs.find(folder)
    read = timed("intake", intake.run)(
        found, out, state / "readings", as_of=as_of, region=inputs.county_of(folder, found), kinds=kinds, kind_folders=(),
        answers=mappings.load(out / "mappings", kinds), workers=2, progress=lambda done, total, name: None,
    )
    registry.link = timed("link", registry.link)
    timed("linkage", registry.run)(out, state, as_of, {"mobile": read_key(key, allow_short=True).value})
    print(json.dumps(spent | {"read": read.read, "files": read.read + read.skipped}))
"""


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


@dataclass(frozen=True, slots=True)
class Spent:
    """What reading and linking cost: the whole process, and CPU seconds of `intake`, `linkage` and of `link` within it."""

    cost: Cost
    cpu: dict[str, float]


def month() -> None:
    """Print what a run costs that knows the last one, as a share of the same run that knows nothing."""
    with tempfile.TemporaryDirectory() as home:
        base, key = Path(home), Path(home) / "key"
        key.write_text(KEY, encoding="ascii")

        def spent(folder: Path, out: str, state: str, as_of: str = FEBRUARY) -> Spent:
            cost = measure(RUN, str(folder), str(base / out), str(base / state), str(key), as_of)
            return Spent(cost, json.loads(cost.said))

        spent(SAMPLE, "first", "state", JANUARY)
        full = spent(SAMPLE, "full", "nothing")
        print(
            "\nReading and linking the next month, given what the last run kept; CPU as a share of the same that knows nothing"
        )
        print(f"  knows nothing: {_said(full)}")
        csvs = sorted(p.name for p in SAMPLE.glob("*.csv"))
        for title, names, share in (
            ("nothing changed but the date", [], 0.0),
            ("5 % of the rows of one list", [SMALL[-1]], SHARE),
            ("all rows of five lists", list(SMALL), 1.0),
            ("5 % of the rows of every CSV list", csvs, SHARE),
        ):
            folder = base / "month"
            shutil.copytree(SAMPLE, folder)
            rows = changed(folder, names, share, 1)
            for state, left_out in (("kept", ()), ("bare", ("readings", "claims.parquet"))):
                shutil.copytree(base / "state", base / state, ignore=shutil.ignore_patterns(*left_out))
            kept = spent(folder, "one", "kept")
            spent(folder, "two", "bare")
            same = all((base / "one" / n).read_bytes() == (base / "two" / n).read_bytes() for n in PUBLISHED)
            print(f"  {title}, {rows:,} rows: {kept.cpu['read']} of {kept.cpu['files']} files read; the same bytes as all read anew: {'yes' if same else 'NO'}")  # fmt: skip
            print(f"    {_said(kept)}")
            for what in ("link", "linkage", "intake"):
                print(f"    {what:20} {kept.cpu[what] / full.cpu[what]:6.1%}")
            whole = kept.cost.cpu / full.cost.cpu
            print(
                f"    {'whole process':20} {whole:6.1%}   goal ≤ {GOAL:.0%}: {'met' if whole <= GOAL else 'missed'}"
            )
            for used in ("month", "kept", "bare", "one", "two"):
                shutil.rmtree(base / used)


def _said(spent: Spent) -> str:
    parts = ", ".join(f"{what} {spent.cpu[what]:.2f} s" for what in ("intake", "linkage", "link"))
    return f"wall {spent.cost.wall:.1f} s, CPU {spent.cost.cpu:.1f} s ({parts}), peak {spent.cost.peak_mb:.0f} MB"
