"""Everything the sample county's run decides, against the sample's truth: from the files as sent to the answer on a person

The run reads the files as departments sent them, so a row read wrongly, a row given to the wrong person and a wrong rule all
count here. Rows and persons the truth does not name are `no`, as its README says.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from typing import Literal

import polars as pl

from bench._linkage_scores import f1, pairwise
from bench._platform_case import ROOT, sample_out

TRUTH = ROOT / "tests/data/liancheng/truth"
ROW = ["file", "sheet", "row"]
GOALS = {"recognition yes": 0.99, "recognition unknown": 0.95}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--sample", type=Path, help="folder with `out` of the sample county; made when missing"
    )
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="cf-bench-truth-") as kept:
        out = sample_out(options.sample or Path(kept))
        pids = _linked(out)
        _recognised(out, pids)
        for told in (_posts(out), _ledger(out), _fairs(out), _travel(out), _tickets(out), _wishes(out)):
            for name, right in told.items():
                print(f"{name:44}{right.sum():>7,} of {right.len():>7,} right  {right.mean():.4f}")
        _zero_households(out)
    return 0


def _read(path: Path) -> pl.DataFrame:
    return pl.read_csv(path, infer_schema=False)


def _beside(out: Path, name: str, on: list[str], how: Literal["full", "left"] = "full") -> pl.DataFrame:
    """The truth of a list beside what was answered (`…_got`); a row that only one of them has stays."""
    got = _read(out / f"{name}.csv")
    return _read(TRUTH / f"{name}.csv").join(got, on=on, how=how, suffix="_got", coalesce=True)


def _same(table: pl.DataFrame, column: str, got: str = "") -> pl.Series:
    """Equal, with nothing said equal to nothing said."""
    expected, found = pl.col(column).fill_null(""), pl.col(got or f"{column}_got").fill_null("")
    return table.select(expected == found).to_series()


def _linked(out: Path) -> pl.DataFrame:
    """The pid that most rows of a person are; prints how well rows were put together."""
    links = _read(out / "links.csv").with_columns(pl.col("row").cast(pl.Int32))
    rows = pl.read_parquet(TRUTH / "links.parquet").join(links, on=ROW, how="left")
    alone = pl.format("{} {} {}", *ROW)
    p, r = pairwise(rows.with_columns(pl.col("person").fill_null(alone).alias("cluster")))
    print(f"{'rows put together, pairs':44}P {p:.4f}  R {r:.4f}  F1 {f1(p, r):.4f}")
    sizes = rows.drop_nulls("person").group_by("person", "pid").len()
    return (
        sizes.sort("len", "pid", descending=[True, False])
        .unique("person", keep="first")
        .select("person", "pid")
    )


def _recognised(out: Path, pids: pl.DataFrame) -> None:
    """A person of the truth in two pieces answers with its best-founded piece: yes before unknown before no."""
    got = (
        _read(out / "recognition.csv").join(pids, on="person").group_by("pid", "category")
        .agg(pl.col("answer").sort_by(pl.col("answer").replace_strict({"yes": 0, "unknown": 1, "no": 2})).first())
    )  # fmt: skip
    truth = _read(TRUTH / "recognition.csv").select(pl.col("pid").cast(pl.Int32), "category", "expected")
    both = truth.join(got, on=["pid", "category"], how="full", coalesce=True)
    both = both.with_columns(pl.col("expected", "answer").fill_null("no"))
    for answer in ("yes", "unknown"):
        expected, found = pl.col("expected") == answer, pl.col("answer") == answer
        hit, said, true = both.select(
            hit=(expected & found).sum(), said=found.sum(), true=expected.sum()
        ).row(0)
        p, r = hit / said if said else 1.0, hit / true if true else 1.0
        name, reached = f"recognition {answer}", f1(p, r)
        verdict = "met" if reached >= GOALS[name] else "NOT met"
        print(f"{name:44}P {p:.4f}  R {r:.4f}  F1 {reached:.4f} ({true} true)  goal {GOALS[name]}: {verdict}")
    wrong = both.filter(pl.col("expected") != pl.col("answer"))
    for expected, answer, count in (
        wrong.group_by("expected", "answer").len().sort("expected", "answer").rows()
    ):
        print(f"  {expected} answered {answer}: {count}")


def _posts(out: Path) -> dict[str, pl.Series]:
    both = _beside(out, "posts", ROW)
    return {
        "posts: lawful or not": _same(both, "lawful"),
        "posts: rules broken": _same(both, "rules_broken", "rules"),
        "posts: warnings": _same(both, "warnings"),
    }


def _ledger(out: Path) -> dict[str, pl.Series]:
    return {"public posts: what is amiss": _same(_beside(out, "public_posts", ROW), "finding")}


def _fairs(out: Path) -> dict[str, pl.Series]:
    both = _beside(out, "fairs", ROW)
    named = (
        pl.col("reason_got").fill_null("").str.split(";").list.contains(pl.col("reason").fill_null(""))
        | pl.col("reason").is_null()
    )
    return {
        "fairs: accepted or not": _same(both, "accept"),
        "fairs: the reason is among those given": both.select(named).to_series(),
    }


def _travel(out: Path) -> dict[str, pl.Series]:
    both = _beside(out, "travel", ROW)
    return {
        "travel: destination": _same(both, "dest_code", "destination"),
        "travel: earliest and latest day": _same(both, "earliest") & _same(both, "latest"),
        "travel: party": _same(both, "party"),
        "travel: signed up twice": _same(both, "duplicate"),
    }


def _tickets(out: Path) -> dict[str, pl.Series]:
    both = _beside(out, "tickets", ["file", "row"])
    return {"calls: topic": _same(both, "topic"), "calls: urgent": _same(both, "urgent")}


def _wishes(out: Path) -> dict[str, pl.Series]:
    """Of visits, which alone the truth tells. It calls an empty cell no wish, and gives 就近 one of six places by chance; both
    count as wrong here.
    """
    both = _beside(out, "intentions", ROW, "left")
    columns = ("kind", "destination", "wage_min", "wage_unit", "barrier", "training")
    return {f"wishes: {name}": _same(both, name) for name in columns}


def _zero_households(out: Path) -> None:
    got = _read(out / "zero_households.csv").with_columns(
        pl.col("sheet").str.extract(r"(\d+)").alias("table")
    )
    both = _read(TRUTH / "zero_households.csv").join(got, on=["file", "table"], how="full", coalesce=True)
    print(f"{'declared zero-employment households':44}", end="")
    print(
        *(
            f"{e} answered {a}: {n}"
            for e, a, n in both.group_by("expected", "answer").len().sort("expected", "answer").rows()
        ),
        sep="; ",
    )


if __name__ == "__main__":
    raise SystemExit(main())
