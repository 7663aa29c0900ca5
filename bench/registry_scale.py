"""Linkage at the size of a province: 42 million persons scored from a memory map, and the join by number beside pandas."""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from _processes import Cost, machine, measure

PERSONS = 42_000_000
"""Registered in Fujian at the census of 2020: 41.5 million."""
JOIN = (2_000_000, 5_000_000)

# --- a register in a memory map ----------------------------------------------------------------------------------------

LAY = """
import sys
from pathlib import Path
import numpy as np
from bench._registry_case import make
from chunfeng.engines.linkage import records
path, persons, lists = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
case = make(lists, 2 * lists, 1)
claims = case.claims
register = claims.filter(claims["file"] == "register.csv")
packed = records.pack(register, register["id17"])
register_map = records.create(path, persons)
# people of the register every so many slots, so that no page of the map stays out of reach; the rest are holes
step = persons // len(packed)
register_map[: step * len(packed) : step] = packed
register_map.flush()
asked = claims.filter(claims["id17"].is_null()).head(lists)
np.save(path.with_suffix(".npy"), records.pack(asked))
print(step, len(packed))
"""
SCORE = """
import sys, time
from pathlib import Path
import numpy as np
from chunfeng.engines.linkage import records
path, step, known, each = Path(sys.argv[1]), *map(int, sys.argv[2:])
persons, claims = records.opened(path), np.load(path.with_suffix(".npy"))
rng = np.random.default_rng(1)
records.levels(claims[:2], persons, np.zeros(1, np.int64), np.zeros(1, np.int64))
started, pairs, equal = time.perf_counter(), 0, 0
# a claim against `each` candidates, some thousand claims at a time; candidates lie all over the map
for first in range(0, len(claims), 5_000):
    asked = np.repeat(np.arange(first, min(first + 5_000, len(claims)), dtype=np.int64), each)
    people = rng.integers(0, known, len(asked)) * step
    # half the candidates fall into holes: the map is walked in all its pages
    people[::2] = rng.integers(0, len(persons), len(people[::2]))
    levels = records.levels(claims, persons, asked, people)
    pairs, equal = pairs + len(asked), equal + int((levels[:, 0] == 0).sum())
print(pairs, round(time.perf_counter() - started, 2), equal)
"""


def score(persons: int, claims: int, each: int) -> None:
    """Claims against candidates that lie all over a register of 128 bytes a person."""
    from chunfeng.engines.linkage.records import RECORD

    with tempfile.TemporaryDirectory() as home:
        path = str(Path(home) / "register")
        step, known = measure(LAY, path, str(persons), str(claims)).said.split()
        on_disk = Path(path).stat()
        cost = measure(SCORE, path, step, known, str(each))
    pairs, seconds, equal = cost.said.split()
    print(
        f"\nScoring from a memory map: {persons:,} persons of {RECORD.itemsize} bytes, {on_disk.st_size / 1e9:.2f} GB, {on_disk.st_blocks * 512 / 1e9:.2f} GB on the disk (the rest are holes)"
    )
    print(
        f"  {int(pairs):,} pairs in {float(seconds):.1f} s: {int(pairs) / float(seconds) / 1e6:.2f} M pairs/s on one core; {int(equal):,} names equal"
    )
    _cost("whole process", cost)
    _said("peak resident GB", cost.peak_mb / 1e3, 8, most=True)
    _said("bytes a record", RECORD.itemsize, 128, most=True)


# --- the join by number ------------------------------------------------------------------------------------------------

_TABLES = """
import numpy as np, polars as pl
rng = np.random.default_rng(7)
asked, known = {asked}, {known}
numbers = rng.choice(10**16, size=known, replace=False) + 3 * 10**16 if known < 1_000_000 else np.unique(rng.integers(3 * 10**16, 4 * 10**16, known + known // 50))[:known]
rng.shuffle(numbers)
payload = rng.integers(0, 1000, known)
hits = np.concatenate([rng.choice(numbers, asked * 9 // 10), rng.integers(4 * 10**16, 5 * 10**16, asked - asked * 9 // 10)])
rng.shuffle(hits)
left = pl.DataFrame({{"id17": hits, "said": rng.integers(0, 1000, asked)}})
right = pl.DataFrame({{"id17": numbers, "known": payload}})
"""
_TEXT = """
text = lambda t: t.with_columns(pl.col("id17").cast(pl.String))
"""
_TIMED = """
import time
best, cpu, answer = 1e9, 1e9, None
for _ in range({repeat}):
    started, worked = time.perf_counter(), time.process_time()
    answer = once()
    best, cpu = min(best, time.perf_counter() - started), min(cpu, time.process_time() - worked)
print(best, cpu, answer)
"""
CONTENDERS = {
    "ours: polars, 17 digits as integer": "once = lambda: left.lazy().join(right.lazy(), on='id17').select((pl.col('said') == pl.col('known')).sum(), pl.len()).collect().row(0)",
    "DuckDB, 17 digits as BIGINT": """
import duckdb
a, b = left.to_arrow(), right.to_arrow()
connection = duckdb.connect()
connection.execute("create table a as select * from a"); connection.execute("create table b as select * from b")
once = lambda: connection.sql("select count(*) filter (said = known), count(*) from a join b using (id17)").fetchall()[0]
""",
    "pandas, 18 characters as text": _TEXT
    + """
a, b = text(left).to_pandas(), text(right).to_pandas()
a["id17"], b["id17"] = a["id17"].astype(object), b["id17"].astype(object)
def once():
    both = a.merge(b, on="id17")
    return int((both["said"] == both["known"]).sum()), len(both)
""",
    "pandas, 17 digits as integer": """
a, b = left.to_pandas(), right.to_pandas()
def once():
    both = a.merge(b, on="id17")
    return int((both["said"] == both["known"]).sum()), len(both)
""",
}


def join(asked: int, known: int) -> None:
    """Rows that bear a number against a register, both in memory, one column compared; all give the same counts."""
    print(f"\nJoin by number, {asked:,} rows against {known:,} persons, tables in memory, best of three")
    seconds: dict[str, tuple[float, float]] = {}
    answers = set()
    for name, code in CONTENDERS.items():
        repeat = 3
        cost = measure(_TABLES.format(asked=asked, known=known) + code + _TIMED.format(repeat=repeat))
        took, cpu, answer = cost.said.split(" ", 2)
        seconds[name] = float(took), float(cpu)
        answers.add(answer)
        print(
            f"  {name:36} {float(took):8.3f} s, CPU {float(cpu):6.3f} s {(asked + known) / float(took) / 1e6:8.1f} M rows/s   peak {cost.peak_mb:.0f} MB"
        )
    ours, duck, text, _ = seconds.values()
    print(f"  the same counts from all: {'yes' if len(answers) == 1 else 'NO'}")
    for at, clock in enumerate(("wall", "CPU")):
        _said(f"times pandas on text, {clock}", text[at] / ours[at], 20)
        _said(f"times DuckDB's own join, {clock}", duck[at] / ours[at], 0.95)


def _said(what: str, value: float, goal: float, most: bool = False) -> None:
    met = value <= goal if most else value >= goal
    print(f"    {what:40} {value:9.2f}   goal {'≤' if most else '≥'} {goal}: {'met' if met else 'missed'}")


def _cost(name: str, cost: Cost) -> None:
    print(f"  {name}: wall {cost.wall:.1f} s, CPU {cost.cpu:.1f} s, peak {cost.peak_mb:.0f} MB")


def main() -> None:
    """Print what was asked for; everything by default."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help="score, join; both by default")
    parser.add_argument("--persons", type=int, default=PERSONS, help="slots of the register (score)")
    parser.add_argument("--claims", type=int, default=400_000, help="rows without a number (score)")
    parser.add_argument("--each", type=int, default=50, help="candidates of a row (score)")
    options = parser.parse_args()
    if unknown := set(options.parts) - {"score", "join"}:
        parser.error(f"no such part: {', '.join(sorted(unknown))}")
    print(machine())
    if not options.parts or "score" in options.parts:
        score(options.persons, options.claims, options.each)
    if not options.parts or "join" in options.parts:
        join(*JOIN)


if __name__ == "__main__":
    main()
