"""The query's text means the same on another database: PostgreSQL where its programs are at hand, Spark where pyspark is."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from datetime import date
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import sqlglot
from hypothesis import given, settings
from hypothesis import strategies as st

from chunfeng.engines.rules.catalogue import SCALE
from chunfeng.engines.rules.compile import compile_rules
from chunfeng.engines.rules.runs import execute
from tests.engines.rules import invented
from tests.engines.rules.test_agreement import NAMES, SEEDS, calm

PROGRAMS = ("initdb", "pg_ctl", "psql")
COLUMNS = {pl.String(): "text", pl.Boolean(): "boolean", pl.Date(): "date", pl.Int64(): "bigint"}


class Server:
    """A PostgreSQL of our own in a folder, reached by a socket there, gone after the tests."""

    def __init__(self, home: Path) -> None:
        self.home = home
        # PostgreSQL refuses to run as root: then it runs as whom its package made
        self.user = "postgres" if os.geteuid() == 0 else None
        if self.user:
            shutil.chown(home, self.user)
        home.chmod(0o755)
        self.call(
            "initdb",
            "-D",
            str(home / "data"),
            "-U",
            "tester",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--no-sync",
            "--locale=C",
        )
        options = f"-k {home} -c listen_addresses= -c fsync=off -c timezone=UTC"
        self.call("pg_ctl", "-D", str(home / "data"), "-o", options, "-w", "-l", str(home / "log"), "start")

    def call(self, *command: str) -> None:
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd=self.home, user=self.user)

    def sql(self, script: str) -> str:
        command = [
            "psql",
            "-h",
            str(self.home),
            "-U",
            "tester",
            "-d",
            "postgres",
            "-qAt",
            "-v",
            "ON_ERROR_STOP=1",
        ]
        done = subprocess.run(
            command, input=script, check=True, capture_output=True, encoding="utf-8", cwd=self.home
        )
        return done.stdout

    def load(self, name: str, table: pl.DataFrame) -> None:
        kinds = [f'"{c}" {COLUMNS.get(k, f"decimal(18, {SCALE})")}' for c, k in table.schema.items()]
        rows = table.write_csv(include_header=False)
        self.sql(
            f"DROP TABLE IF EXISTS {name}; CREATE TABLE {name} ({', '.join(kinds)});\nCOPY {name} FROM STDIN CSV;\n{rows}\\.\n"
        )

    def stop(self) -> None:
        self.call("pg_ctl", "-D", str(self.home / "data"), "-m", "immediate", "stop")


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    missing = [program for program in PROGRAMS if shutil.which(program) is None]
    if missing:
        pytest.skip(f"no PostgreSQL here: {', '.join(missing)} not on the path")
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        running = Server(Path(folder))
        yield running
        running.stop()


def asked(server: Server, text: str, key: str) -> dict[str, dict[str, Any]]:
    """The query's table as PostgreSQL gives it."""
    out = server.sql(f"COPY ({text}) TO STDOUT CSV HEADER;")
    frame = pl.read_csv(out.encode(), infer_schema=False)
    words = {"t": True, "f": False, None: None}
    return {row[key]: {n: words[row[n]] for n in NAMES} for row in frame.iter_rows(named=True)}


@settings(calm, max_examples=15)
@given(st.data())
def test_postgresql_gives_the_same_answers(server: Server, data: st.DataObject) -> None:
    as_of = data.draw(st.sampled_from(invented.DAYS))
    book = data.draw(invented.books(as_of))
    town = invented.town(as_of, data.draw(SEEDS))
    query = compile_rules(book, "person", as_of, rules=NAMES, sparse=False)
    server.load("facts", town)
    here = {
        row["person"]: {n: row[n] for n in NAMES}
        for row in execute(query, {"facts": town}).iter_rows(named=True)
    }
    assert asked(server, query.text("postgres"), "person") == here


@settings(calm, max_examples=5)
@given(st.data())
def test_near_misses_and_sparse_rows_are_the_same_there(server: Server, data: st.DataObject) -> None:
    as_of = data.draw(st.sampled_from(invented.DAYS))
    book = data.draw(invented.books(as_of))
    town = invented.town(as_of, data.draw(SEEDS))
    query = compile_rules(book, "person", as_of, rules=["R1", "R2", "R3"], near=1)
    server.load("facts", town)
    there = server.sql(f"COPY ({query.text('postgres')}) TO STDOUT CSV HEADER;")
    here = execute(query, {"facts": town})
    booleans = [c for c, kind in here.schema.items() if kind == pl.Boolean]
    frame = pl.read_csv(
        there.encode(),
        schema_overrides=dict.fromkeys(booleans, pl.String) | dict.fromkeys(("area", "household"), pl.String),
    )
    got = frame.with_columns([(pl.col(c) == "t").alias(c) for c in booleans]).cast(dict(here.schema))
    assert got.sort("person").equals(here.sort("person"))


@pytest.mark.parametrize("dialect", ["duckdb", "postgres", "spark"])
@settings(calm, max_examples=10)
@given(st.data())
def test_the_text_is_one_query_of_the_dialect_without_date_arithmetic(
    dialect: str, data: st.DataObject
) -> None:
    as_of = data.draw(st.sampled_from(invented.DAYS))
    query = compile_rules(data.draw(invented.books(as_of)), "person", as_of, near=1)
    parsed = sqlglot.parse(query.text(dialect), read=dialect)
    assert len(parsed) == 1
    foreign = (
        sqlglot.exp.DateDiff,
        sqlglot.exp.DateAdd,
        sqlglot.exp.Interval,
        sqlglot.exp.CurrentDate,
        sqlglot.exp.Anonymous,
    )
    assert list(parsed[0].find_all(*foreign)) == []


@pytest.mark.skipif(
    find_spec("pyspark") is None,
    reason="pyspark is no dependency; where it is installed the query runs on it too",
)
def test_spark_gives_the_same_answers() -> None:
    from pyspark.sql import SparkSession

    spark = SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false").getOrCreate()
    as_of = date(2023, 1, 15)
    town = invented.town(as_of, 1)
    book = invented.one_book(as_of)
    query = compile_rules(book, "person", as_of, rules=NAMES, sparse=False)
    kinds = {"text": "string", "bigint": "long"}
    shapes = (COLUMNS.get(kind, f"decimal(18, {SCALE})") for kind in town.schema.values())
    schema = ", ".join(
        f"`{c}` {kinds.get(shape, shape)}" for c, shape in zip(town.columns, shapes, strict=True)
    )
    spark.createDataFrame(town.rows(), schema).createOrReplaceTempView("facts")
    there = {row["person"]: {n: row[n] for n in NAMES} for row in spark.sql(query.text("spark")).collect()}
    here = {
        row["person"]: {n: row[n] for n in NAMES}
        for row in execute(query, {"facts": town}).iter_rows(named=True)
    }
    spark.stop()
    assert there == here
