"""A platform of its own for measuring, and the sample county's OUT made as large as is asked."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow.parquet as pq

from chunfeng.engines.identity.id_numbers import CHECK_CHARACTERS, WEIGHTS

ROOT = Path(__file__).resolve().parents[1]
COUNTY, AS_OF = "350825", date(2023, 1, 15)
_OF_PERSONS = {
    "links": ("person",), "households": ("person",), "findings": ("person",), "review": ("person",),
    "recognition": ("person",), "targets": ("person",), "entitlements": ("subject",), "recommendations": ("person",),
    "allocation": ("person",), "travel": (), "trips": ("person",),
}  # fmt: skip
_ONCE = ("travel",)
"""Lists whose rows are told apart by file and row alone are not multiplied, except links, whose files get a number."""


def sample_out(folder: Path) -> Path:
    """OUT of the sample county, made once."""
    out = folder / "out"
    if not (out / "run.json").exists():
        folder.mkdir(parents=True, exist_ok=True)
        key = folder / "key"
        key.write_text("CFXD-2023-liudong\n", encoding="ascii")
        subprocess.run(
            [sys.executable, "-m", "chunfeng", "run", str(ROOT / "examples/liancheng"), "--as-of", AS_OF.isoformat(),
             "--out", str(out), "--state", str(folder / "state"), "--key", f"CFXD-2023-liudong={key}"],
            check=True, cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT / "src")}, stdout=subprocess.DEVNULL,
        )  # fmt: skip
    return out


def scaled(out: Path, target: Path, persons: int, *, only_persons: bool = False) -> Path:
    """A folder like `out` with that many persons: the sample's over and over, with numbers, names and phones of their own.

    Copies have the villages, lists and results of the first; `only_persons`: person_values, links and households stay empty.
    """
    base = pl.read_parquet(out / "persons.parquet").sort("person")
    copies = -(-persons // base.height)
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(out, target, ignore=shutil.ignore_patterns("*.xlsx"))
    _write(
        target / "persons.parquet",
        (_copy_of_persons(base, n).head(persons - n * base.height) for n in range(copies)),
    )
    values = pl.read_parquet(out / "person_values.parquet")
    if only_persons:
        values, copies_of_values = values.clear(), 1
    else:
        copies_of_values = copies
    _write(
        target / "person_values.parquet",
        (values.with_columns(_moved("person", n, base.height)) for n in range(copies_of_values)),
    )
    for name, columns in _OF_PERSONS.items():
        table = pl.read_csv(out / f"{name}.csv", infer_schema=False)
        if only_persons and name in ("links", "households"):
            table = table.clear()
        times = 1 if name in _ONCE else copies
        made = pl.concat([_copy(table, n, columns, base.height) for n in range(times)])
        made.write_csv(target / f"{name}.csv", include_bom=True)
    return target


def _write(path: Path, parts: Iterator[pl.DataFrame]) -> None:
    """A part after the other: the whole need not lie in memory."""
    writer = None
    for part in parts:
        table = part.to_arrow(compat_level=pl.CompatLevel.oldest())
        writer = writer or pq.ParquetWriter(path, table.schema)
        writer.write_table(table)
    if writer is not None:
        writer.close()


def _copy(table: pl.DataFrame, number: int, columns: tuple[str, ...], step: int) -> pl.DataFrame:
    table = table.with_columns(_moved(c, number, step) for c in columns)
    if number and "file" in table.columns:
        table = table.with_columns(pl.format("{}/{}", pl.lit(f"第{number}份"), "file").alias("file"))
    for name in {"household", "merged"} & {*table.columns}:  # each copy lives by itself
        if number:
            table = table.with_columns((pl.col(name) + f"·{number}").alias(name))
    if number and "trip" in table.columns:
        table = table.with_columns(pl.format("{}·{}", "trip", pl.lit(str(number))).alias("trip"))
    return table


def _moved(column: str, number: int, step: int) -> pl.Expr:
    """P000000042 of the n-th copy; what names no person stays."""
    value = pl.col(column)
    digits = value.str.extract(r"^P(\d{9})$", 1).cast(pl.Int64) + number * step
    moved = pl.format("P{}", digits.cast(pl.String).str.zfill(9))
    return pl.when(digits.is_not_null()).then(moved).otherwise(value).alias(column)


def _copy_of_persons(base: pl.DataFrame, number: int) -> pl.DataFrame:
    if number == 0:
        return base
    rng = np.random.default_rng(number)
    given = base["name"].str.slice(1).gather(rng.permutation(base.height).astype(np.uint32))
    phone = base["phone"].str.slice(0, 3) + pl.Series(rng.integers(0, 10**8, base.height)).cast(
        pl.String
    ).str.zfill(8)
    return base.with_columns(
        _moved("person", number, base.height),
        (base["name"].str.slice(0, 1) + given).alias("name"),
        _other_ids(base["id18"], number).alias("id18"),
        pl.when(base["phone"].is_not_null()).then(phone).alias("phone"),
    )


def _other_ids(ids: pl.Series, number: int) -> pl.Series:
    """The same area and day, another serial number, the check character right again."""
    digits = ids.str.slice(0, 17).cast(pl.Int64, strict=False)
    moved = digits // 1000 * 1000 + (digits % 1000 + 2 * number) % 1000
    area = (number * 7) % 900  # another area of the city, so that two copies share no number
    moved = (moved + area * 10**13).fill_null(0).to_numpy()
    sums = np.zeros(len(moved), np.int64)
    for place, weight in enumerate(reversed(WEIGHTS)):
        sums += moved // 10**place % 10 * weight
    checks = pl.Series(list(CHECK_CHARACTERS))[sums % 11]
    texts = pl.Series(moved).cast(pl.String).str.zfill(17) + checks
    return pl.select(pl.when(digits.is_not_null()).then(texts)).to_series()


@contextmanager
def platform(kept: Path | None = None) -> Iterator[Path]:
    """A data folder with tables, walls, regions and roles, its server running; removed at the end unless it is `kept`, to be
    used again. Django is ready within.
    """
    data = kept or Path(tempfile.mkdtemp(prefix="cf-bench-"))
    data.mkdir(parents=True, exist_ok=True)
    os.environ |= {"CHUNFENG_DATA": str(data), "CHUNFENG_LOCAL": "1", "CHUNFENG_LOG": "WARNING"}
    os.environ["DJANGO_SETTINGS_MODULE"] = "chunfeng.site.settings"
    for name in ("CHUNFENG_SECRETS", "DATABASE_URL", "DATABASE_OWNER_URL", "CHUNFENG_AS_OWNER"):
        os.environ.pop(name, None)
    from chunfeng.site import postgres

    try:
        subprocess.run(
            [sys.executable, "-m", "chunfeng", "setup"],
            check=True, cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT / "src")}, stdout=subprocess.DEVNULL,
        )  # fmt: skip
        import django

        django.setup()
        yield data
    finally:
        postgres.stop()
        if kept is None:
            shutil.rmtree(data, ignore_errors=True)
