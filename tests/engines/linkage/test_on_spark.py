"""The joins of linkage on Spark in local mode: the same pairs, and the same count of every level, as here.

What a cluster would do is equi-joins of integers in SQL and the comparison of records, batch by batch, in our kernel.
Skipped where Java or PySpark is missing: neither is needed to run the program.
"""

import importlib.util
import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from chunfeng.engines.linkage import records
from chunfeng.engines.linkage.candidates import MOST, candidates
from chunfeng.engines.linkage.codes import coded
from chunfeng.engines.linkage.exact import by_id
from chunfeng.engines.linkage.profiles import known_rows
from tests.engines.linkage.town import claims, extract, townspeople

pytestmark = [
    pytest.mark.skipif(shutil.which("java") is None, reason="no Java on this machine"),
    *(
        pytest.mark.skipif(importlib.util.find_spec(name) is None, reason=f"{name} is not installed")
        for name in ("pyspark", "pyarrow", "pandas")
    ),
]

PAIR = {"claim": pl.UInt32, "person": pl.Int64}
BLOCKS = {
    "numbers": ("known15",), "born": ("surname_code", "birth"), "names": ("key_code", "birth"), "accents": ("accent_code", "birth"),
    "places": ("key_code", "region_code"), "accents_places": ("accent_code", "region_code"), "towns": ("key_code", "town"),
    "phones": ("phone_code",), "firms": ("key_code", "employer_code"), "accents_firms": ("accent_code", "employer_code"),
    "rare": ("key_code",),
}  # fmt: skip
"""Block → its key; `rare` admits 12 persons, the others MOST. `PAIRS` bounds only what is far larger than a town."""


def signed(table: pl.DataFrame) -> pl.DataFrame:
    """Codes as signed integers: Spark has no others."""
    return table.with_columns(pl.col(pl.UInt64).reinterpret(signed=True), pl.col(pl.UInt32).cast(pl.Int64))


def with_town(table: pl.DataFrame) -> pl.DataFrame:
    code = pl.col("region_code")
    return table.with_columns(
        pl.when(code >= 10**11).then(code // 1000).when(code >= 10**8).then(code).alias("town")
    )


def sides(open_claims: pl.DataFrame, known: pl.DataFrame) -> dict[str, tuple[pl.DataFrame, pl.DataFrame]]:
    """Per block its claims and its persons, with the columns of its key."""
    asked = with_town(open_claims)
    second = asked.with_columns(phone_code=pl.col("phone_2_code"))
    person, phones = pl.col("person"), known.select("person", pl.col("phone_2_code").alias("phone_code"))
    names = known.select(
        "person", "key_code", "accent_code", "surname_code",
        (person // 1000 % 100_000_000).cast(pl.Int32).alias("birth"), (person // 100).alias("known15"),
    )  # fmt: skip
    places = with_town(names.join(known.select("person", "region_code"), on="person"))
    firms = names.join(known.select("person", "employer_code"), on="person")
    tables = {"phones": pl.concat([known.select("person", "phone_code"), phones]), "firms": firms, "accents_firms": firms,
              "places": places, "accents_places": places, "towns": places}  # fmt: skip
    claims_of = {
        "phones": pl.concat([asked, second]),
        "places": asked.filter(pl.col("region_code") >= 10**11),
    }
    claims_of["accents_places"] = claims_of["places"]
    return {
        name: (
            claims_of.get(name, asked).select("claim", *key),
            tables.get(name, names).select("person", *key),
        )
        for name, key in BLOCKS.items()
    }


@pytest.fixture(scope="module")
def spark() -> Iterator[Any]:
    from pyspark.sql import SparkSession

    session = (
        SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false").config("spark.sql.shuffle.partitions", "2")
        .config("spark.sql.execution.arrow.pyspark.enabled", "true").getOrCreate()
    )  # fmt: skip
    yield session
    session.stop()


def test_pairs_and_counts_of_every_level_are_equal(spark: Any, tmp_path: Path) -> None:
    people = townspeople(400)
    survey = [
        {k: v for k, v in person.items() if k != "id"} | ({"phone": None} if n % 3 else {})
        for n, person in enumerate(people[::2])
    ]
    table = coded(claims(extract("household_register", people), extract("village_survey", survey)))
    assigned = by_id(table).assigned
    known = known_rows(table, assigned)
    unnumbered = table.join(assigned, on="claim", how="anti")
    none = pl.DataFrame(schema=PAIR)
    here = candidates(unnumbered, known, none, none, none)
    for name, (asked, persons) in sides(unnumbered, known).items():
        signed(asked).write_parquet(tmp_path / f"{name}.asked.parquet")
        signed(persons).write_parquet(tmp_path / f"{name}.persons.parquet")
        for side in ("asked", "persons"):
            spark.read.parquet(str(tmp_path / f"{name}.{side}.parquet")).createOrReplaceTempView(
                f"{name}_{side}"
            )
    pairs = spark.sql(" union ".join(block(name, key) for name, key in BLOCKS.items()))
    there = pl.DataFrame([tuple(row) for row in pairs.collect()], PAIR, orient="row").sort("claim", "person")
    assert here.height > 500 and there.equals(here)

    first = table.join(assigned, on="claim").unique("person", keep="first", maintain_order=True)
    register = records.pack(first, first["person"])
    order = np.argsort(register["person"])
    register, asked = register[order], records.pack(table)
    np.save(tmp_path / "register.npy", register), np.save(tmp_path / "asked.npy", asked)
    at = np.searchsorted(register["person"], here["person"].to_numpy())
    levels = records.levels(asked, register, here["claim"].to_numpy().astype(np.int64), at)
    counted = Counter(
        (part, int(level)) for part, column in zip(records.PARTS, levels.T, strict=True) for level in column
    )
    assert told(pairs, str(tmp_path)) == counted


def block(name: str, key: tuple[str, ...]) -> str:
    """Persons and claims that share a key of not too many persons; null keys never join."""
    columns = ", ".join(key)
    most = 12 if name == "rare" else MOST
    filled = " and ".join(f"{c} is not null" for c in key)
    return f"""
        select a.claim, b.person from {name}_asked a join (
            select person, {columns} from (
                select *, count(*) over (partition by {columns}) as sharing
                from (select distinct person, {columns} from {name}_persons where {filled})
            ) where sharing <= {most}
        ) b using ({columns})"""


def told(pairs: Any, folder: str) -> Counter[tuple[str, int]]:
    """How often each level occurs, counted by Spark over batches that our kernel compared."""

    def compared(batches: Iterator[Any]) -> Iterator[Any]:
        import numpy as np
        import pyarrow as pa

        from chunfeng.engines.linkage import records

        register, asked = np.load(f"{folder}/register.npy"), np.load(f"{folder}/asked.npy")
        for batch in batches:
            claim = batch.column("claim").to_numpy(zero_copy_only=False).astype(np.int64)
            person = batch.column("person").to_numpy(zero_copy_only=False)
            levels = records.levels(asked, register, claim, np.searchsorted(register["person"], person))
            yield pa.RecordBatch.from_arrays(
                [pa.array(c.astype(np.int32)) for c in levels.T], names=list(records.PARTS)
            )

    levels = pairs.mapInArrow(compared, ", ".join(f"`{part}` int" for part in records.PARTS))
    levels.createOrReplaceTempView("levels")
    counts = levels.sparkSession.sql(
        " union all ".join(
            f"select '{part}' as part, `{part}` as level, count(*) as n from levels group by `{part}`"
            for part in records.PARTS
        )
    )
    return Counter({(row.part, row.level): row.n for row in counts.collect()})
