"""The stage of allocation: what earlier stages left becomes two lists, whole, the same twice, and plain when nothing is there."""

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from chunfeng.engines.matching.allocation.post_order import OrderError
from chunfeng.engines.matching.allocation.problem import QuotaError
from chunfeng.pipeline import allocation
from chunfeng.pipeline.outputs import write_csv

AS_OF = date(2023, 1, 15)
COUNTY = "350322"
ROWS = {"file": pl.String, "sheet": pl.String, "row": pl.String}
LINKS = pl.DataFrame([("走访.xlsx", "一村", "2", "P3")], schema={**ROWS, "person": pl.String}, orient="row")


def _extract(kind: str, rows: list[dict[str, object]]) -> pl.DataFrame:
    return pl.DataFrame(rows, infer_schema_length=None).with_row_index("row", offset=2).with_columns(
        pl.lit(kind).alias("kind"), pl.lit(f"{kind}.xlsx").alias("file"), pl.lit("表").alias("sheet"), pl.lit("ok").alias("state"),
        pl.lit(True).alias("current"), pl.lit(COUNTY).alias("place"), pl.col("row").cast(pl.UInt32),
    )  # fmt: skip


def _lists() -> list[pl.DataFrame]:
    vacancies = _extract("vacancies", [
        {"post_name": "公益性岗位保洁员", "employer_name": "枫亭镇人民政府", "headcount": 1, "industry": None},
        {"post_name": "车工", "employer_name": "甲鞋厂", "headcount": 9, "industry": "鞋服"},
        {"post_name": "车工", "employer_name": "乙鞋厂", "headcount": 9, "industry": "鞋服"},
    ])  # fmt: skip
    weekly = _extract("labour_shortage", [
        {"employer_name": "甲鞋厂", "week": "2023.1.12周", "surplus": 6, "shortage": 0, "willing_to_share": "是",
         "shortage_occupation": None,
         "surplus_from": AS_OF, "surplus_to": date(2023, 2, 20)},
        {"employer_name": "乙鞋厂", "week": "2023.1.12周", "surplus": 0, "shortage": 4, "willing_to_share": None,
         "shortage_occupation": "车工",
         "surplus_from": None, "surplus_to": None},
    ])  # fmt: skip
    return [vacancies, weekly]


def _left(out: Path, extracts: list[pl.DataFrame], entitled: bool = True) -> Path:
    """The files earlier stages write, for three persons: two of class 2, one of class 1."""
    out.mkdir()
    (out / "facts_wide").mkdir()
    people = ["P1", "P2", "P3"] if entitled else []
    schema = dict.fromkeys(("subject_kind", "subject", "policy", "answer", "missing"), pl.String)
    granted = [("person", p, "I16", "yes", None) for p in people]
    write_csv(pl.DataFrame(granted, schema=schema, orient="row"), out / "entitlements.csv")
    kinds = [(p, {"P2": "A7"}.get(p, "B3"), "yes") for p in people]
    categories = pl.DataFrame(
        kinds, schema=dict.fromkeys(("person", "category", "answer"), pl.String), orient="row"
    )
    write_csv(categories, out / "recognition.csv")
    at = [e.select("file", "sheet", "row", "kind") for e in extracts]
    rows = (
        pl.concat(at)
        if at
        else pl.DataFrame(schema={"file": pl.String, "sheet": pl.String, "row": pl.UInt32, "kind": pl.String})
    )
    offered = rows.filter(pl.col("kind") == "vacancies").select(
        "file", "sheet", "row", pl.lit("yes").alias("lawful")
    )
    write_csv(offered, out / "posts.csv")
    write_csv(
        rows.clear().select("file", "sheet", "row", pl.lit("ok").alias("finding")), out / "public_posts.csv"
    )
    said = pl.DataFrame({"person": people}, schema={"person": pl.String})
    said.select(
        "person",
        pl.lit(f"{COUNTY}104201").alias("stay_region"),
        pl.lit(None, dtype=pl.String).alias("hukou_region"),
    ).write_parquet(out / "persons.parquet")
    said.select(
        "person", pl.lit(COUNTY).alias("area"), pl.lit(False).alias("held_earlier_public_post"), pl.lit(False).alias("public_post"),
        pl.lit(None, dtype=pl.Int64).alias("disability_grade"),
    ).write_parquet(out / "facts_wide" / "persons.parquet")  # fmt: skip
    firms = pl.DataFrame(
        schema={
            "employer": pl.String,
            "name": pl.String,
            "key_employer": pl.Boolean,
            "key_category": pl.String,
            "blacklisted": pl.Boolean,
        }
    )
    firms.write_parquet(out / "facts_wide" / "employers.parquet")
    return out


def _firms(extracts: list[pl.DataFrame]) -> pl.DataFrame:
    named = [e.select("file", "sheet", "row", pl.col("employer_name").alias("employer")) for e in extracts]
    return (
        pl.concat(named)
        if named
        else pl.DataFrame(
            schema={"file": pl.String, "sheet": pl.String, "row": pl.UInt32, "employer": pl.String}
        )
    )


def _run(out: Path, extracts: list[pl.DataFrame], state: Path | None = None) -> allocation.Allocation:
    return allocation.publish(out, extracts, LINKS, AS_OF, COUNTY, state=state, firms=_firms(extracts))


def _csv(path: Path) -> pl.DataFrame:
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    return pl.read_csv(path, infer_schema=False)


def test_both_lists_with_reasons_and_the_same_twice(tmp_path: Path) -> None:
    extracts = _lists()
    out = _left(tmp_path / "out", extracts)
    done = _run(out, extracts)
    given, waiting, lent = (_csv(out / f"{n}.csv") for n in ("allocation", "allocation_waiting", "lending"))
    assert given.columns == ["person", "post", "tier", "reason"]
    assert given.select("person", "post", "tier").rows() == [("P2", "vacancies.xlsx:表:2", "1")]
    assert "招聘清单列为公益性岗位" in given["reason"][0]
    assert waiting["person"].to_list() == ["P1", "P3"] and waiting["reason"].null_count() == 0
    assert lent.rows() == [("甲鞋厂", "乙鞋厂", "车工", "4", "2023-01-15", "2023-02-20")]
    assert _csv(out / "lending_unmet.csv").select("employer", "workers").rows() == [("甲鞋厂", "2")]
    assert done.counts["public_posts_proved"] and len(done.counts["allocation_inputs"]) == 64
    assert done.counts["allocation_seed"] == "2023-01-15"
    again = _left(tmp_path / "again", extracts)
    assert _run(again, extracts).counts == done.counts
    for name in ("allocation.csv", "allocation_waiting.csv", "lending.csv", "lending_unmet.csv"):
        assert (again / name).read_bytes() == (out / name).read_bytes()


def test_a_wish_to_leave_is_asked_about_first(tmp_path: Path) -> None:
    extracts = _lists()
    out = _left(tmp_path / "out", extracts)
    said = pl.DataFrame(
        {"file": ["走访.xlsx"], "sheet": ["一村"], "row": [2], "kind": ["out"]},
        schema_overrides={"row": pl.UInt32},
    )
    said.write_parquet(out / "intentions.parquet")
    waiting = _run(out, extracts).posts.waiting
    assert "走访意向为外出务工" in waiting.filter(pl.col("person") == "P3")["reason"].item()


def test_nothing_at_all_is_two_empty_lists(tmp_path: Path) -> None:
    out = _left(tmp_path / "out", [], entitled=False)
    done = _run(out, [])
    assert done.findings.height == 0
    for name in ("allocation", "allocation_waiting", "lending", "lending_unmet"):
        assert _csv(out / f"{name}.csv").height == 0


def test_persons_without_a_place_are_a_finding(tmp_path: Path) -> None:
    out = _left(tmp_path / "out", [])
    done = _run(out, [])
    assert done.findings["kind"].to_list() == ["public_places_none"]
    assert "有3人符合" in done.findings["message"][0]
    assert done.posts.waiting["reason"].to_list() == ["本批没有空出的公益性岗位"] * 3


def test_what_a_county_sets_itself_is_used_or_refused_in_words(tmp_path: Path) -> None:
    extracts, state = _lists(), tmp_path / "state"
    out = _left(tmp_path / "out", extracts)
    state.mkdir()
    classes = "[{tier: 1, name: 低保, categories: [B3]}, {tier: 2, name: 其他, categories: [A7]}]"
    order = f"orders: [{{area: '350322', from: 2020-01-01, document: 仙游口径, status: verified, classes: {classes}}}]"
    (state / "post_order.yaml").write_text(order, encoding="utf-8")
    (state / "lottery.csv").write_text("person,lottery\nP1,2\nP2,3\nP3,1\n", encoding="utf-8")
    (state / "lottery_seed.txt").write_text("公证处2023-01-14\n", encoding="utf-8")
    done = _run(out, extracts, state)
    assert done.posts.allocation.select("person", "tier").rows() == [("P3", 1)]
    assert (
        "仙游口径" in done.posts.allocation["reason"][0]
        and done.counts["allocation_seed"] == "公证处2023-01-14"
    )
    (state / "quotas.csv").write_text(
        "group,members,least,most\n县,vacancies.xlsx:表:2,2,3\n", encoding="utf-8"
    )
    short = _run(out, extracts, state)
    assert (
        "“县”下限2人"
        in short.findings.filter(pl.col("kind") == "public_places_quota_short")["message"].item()
    )
    for name, text, error in (
        ("quotas.csv", "a,b\n1,2\n", QuotaError),
        ("lottery.csv", "person,lottery\nP1,1\nP2,1\n", allocation.LotteryError),
        ("post_order.yaml", "orders: 1", OrderError),
    ):
        (state / name).write_text(text, encoding="utf-8")
        with pytest.raises(error):
            _run(out, extracts, state)
