"""A small invented county as its departments send it, for tests of whole runs."""

import csv
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl

from chunfeng.engines.identity.id_numbers import id18_of
from chunfeng.engines.sheets.kinds import load_kinds
from chunfeng.pipeline import inputs, intake, mappings, registry, run

AS_OF = date(2023, 1, 15)
SURNAMES, GIVEN = (
    "陈林黄张李王吴刘蔡杨许郑谢郭洪邱曾廖赖徐周叶苏庄江吕何罗高",
    "志明国强玉兰秀英建华海燕文辉丽珍金水春花福生",
)
HERE, ELSEWHERE = "350825", "350824"
VILLAGES = [f"10020{n}" for n in range(9)]


def people(count: int, seed: int, area: str = HERE) -> pl.DataFrame:
    """Invented persons, no two of one number, as a department lists them."""
    rng = np.random.default_rng(seed)
    order = np.arange(count)
    born = [rng.integers(low, high, count) for low, high in ((1950, 2004), (1, 13), (1, 29))]
    # seeds stand apart by the day, so that no two lists share a number by chance
    digits = [
        f"{area}{y}{m:02d}{d:02d}{n % 1000:03d}" for y, m, d, n in zip(*born, order * 7 + seed, strict=True)
    ]
    ids = pl.Series([id18_of(int(text)) for text in digits])
    letters = [pl.Series(rng.choice(list(letters), count)) for letters in (SURNAMES, GIVEN, GIVEN)]
    names = letters[0] + letters[1] + letters[2]
    frame = pl.DataFrame({"姓名": names, "身份证号码": ids}).with_columns(
        pl.when(ids.str.slice(16, 1).cast(pl.Int8) % 2 == 1).then(pl.lit("男")).otherwise(pl.lit("女")).alias("性别"),
        pl.concat_str(ids.str.slice(6, 4), ids.str.slice(10, 2), ids.str.slice(12, 2), separator="-").alias("出生日期"),
        pl.Series("村居代码", [area + VILLAGES[n] for n in rng.integers(0, 9, count)]),
        pl.format("160{}", (pl.int_range(pl.len()) + seed * 100_000).cast(pl.String).str.zfill(8)).alias("联系电话"),
    )  # fmt: skip
    return frame.unique("身份证号码", keep="first", maintain_order=True)


REGISTER = people(900, 1)


def register(persons: pl.DataFrame = REGISTER) -> pl.DataFrame:
    """The household register of the police: three persons a household."""
    at = pl.int_range(pl.len())
    return persons.select(
        pl.format("350825{}", (at // 3).cast(pl.String).str.zfill(6)).alias("户号"),
        pl.when(at % 3 == 0).then(pl.lit("户主")).otherwise(pl.lit("子")).alias("与户主关系"),
        "姓名", pl.col("身份证号码").alias("公民身份号码"), "性别", "出生日期",
        pl.lit("农村居民").alias("户口类别"), "村居代码", pl.lit("正常").alias("户籍状态"),
    )  # fmt: skip


def lay(folder: Path, **lists: pl.DataFrame) -> Path:
    """A delivery: the register and these lists, each in a file of its name."""
    folder.mkdir(parents=True, exist_ok=True)
    register().write_csv(folder / "公安-户籍人口.csv", include_bom=True)
    for name, table in lists.items():
        table.write_csv(folder / f"{name}.csv", include_bom=True)
    return folder


def go(
    folder: Path, out: Path, *, as_of: date = AS_OF, state: Path | None = None, **keys: Path
) -> list[dict[str, str]]:
    """The findings of a run."""
    run.run(
        run.Options(folder, as_of, out, state=state, keys=keys, region=HERE, workers=1),
        lambda done, total, name: None,
    )
    return findings(out)


def link(folder: Path, out: Path, *, as_of: date, state: Path) -> intake.Intake:
    """Reading and linkage alone, with a state folder: what later stages make of it is theirs to test."""
    for made in (out, state):
        made.mkdir(exist_ok=True)
    kinds = load_kinds(())
    read = intake.run(
        inputs.find(folder), out, state / "readings", as_of=as_of, region=HERE, kinds=kinds, kind_folders=(),
        answers=mappings.load(out / "mappings", kinds), workers=1, progress=lambda done, total, name: None,
    )  # fmt: skip
    registry.run(out, state, as_of, {})
    return read


def findings(out: Path) -> list[dict[str, str]]:
    with (out / "findings.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))
