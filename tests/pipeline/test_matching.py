"""The stage of matching on an invented county: everyone who seeks has a line, with reasons or with what stands in the way."""

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from chunfeng.pipeline import matching
from chunfeng.site import cli
from tests.pipeline import decided

DAY = date(2023, 1, 15)
HERE = decided.HERE
ROW = {"file": pl.String, "sheet": pl.String, "row": pl.UInt32}
VISITS = {
    **ROW, "kind": pl.String, "seeking": pl.Boolean, "job": pl.String, "wage_min": pl.String, "wage_unit": pl.String,
    "barrier": pl.String, "region": pl.String, "cue": pl.String,
}  # fmt: skip
SEEKERS = {
    "P1": {"kind": "local", "job": "缝纫工", "wage_min": "3000", "wage_unit": "月"},
    "P2": {"kind": "out", "region": "3502", "job": "保安"},
    "P3": {"kind": "back"},
    "P4": {"kind": "local", "job": "保安", "barrier": "dayshift"},
}


def county(folder: Path, vacancies: int = 4) -> tuple[list[pl.DataFrame], pl.DataFrame, pl.DataFrame]:
    """What the stages before leave in `folder`; the extracts, the posts screened, the wishes."""
    facts = decided.table("person", {p: decided.SETTLED | {"job_seeking": True} for p in SEEKERS})
    (folder / "facts_wide").mkdir(parents=True)
    facts.write_parquet(folder / "facts_wide" / "persons.parquet")
    golden = facts.select(
        "person", pl.lit("11010519491231002X").alias("id18"), pl.lit(f"{HERE}100001").alias("stay_region"),
        pl.lit(None, dtype=pl.String).alias("hukou_region"),
    ).with_columns(pl.when(pl.col("person") == "P1").then("id18"))  # fmt: skip
    golden.write_parquet(folder / "persons.parquet")
    links = pl.DataFrame(
        [{"file": "走访.xlsx", "sheet": "", "row": str(i), "person": p} for i, p in enumerate(SEEKERS)]
    )
    links.write_csv(folder / "links.csv")
    pl.DataFrame(
        {"person": ["P4"], "id18": [None], "category": ["A1"], "answer": ["yes"]},
        schema_overrides={"id18": pl.String},
    ).write_csv(folder / "recognition.csv")
    wishes = pl.DataFrame(
        [{"file": "走访.xlsx", "sheet": "", "row": i, "seeking": False, "cue": "said"} | w for i, w in enumerate(SEEKERS.values())],
        schema=VISITS,
    )  # fmt: skip
    rows = list(range(2, 2 + vacancies))
    names = ["缝纫工", "保安", "保安", "服务员"] * 9
    extract = pl.DataFrame(
        {
            "file": ["岗位.xlsx"] * vacancies, "sheet": ["表"] * vacancies, "row": rows, "kind": ["vacancies"] * vacancies,
            "place": [HERE] * vacancies, "current": [True] * vacancies, "post_name": names[:vacancies],
            "employer_name": ["甲乙丙公司"] * vacancies, "employer_name_key": ["甲乙丙"] * vacancies,
            "headcount": [5] * vacancies,
            "pay_low": [3500] * vacancies, "pay_high": [4500] * vacancies, "pay_open": ["none"] * vacancies,
            "state": ["ok"] * vacancies,
            "work_conditions": (["白班", "两班倒", "白班", "白班"] * 9)[:vacancies],
        }, schema_overrides=ROW,
    )  # fmt: skip
    posts = extract.select(
        *ROW, pl.Series("lawful", (["yes", "yes", "yes", "no"] * 9)[:vacancies], dtype=pl.String)
    )
    return [extract], posts, wishes


FIRMS = pl.DataFrame(schema={**ROW, "employer": pl.String})


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, matching.Matching]:
    out = tmp_path_factory.mktemp("matching") / "out"
    extracts, posts, wishes = county(out)
    return out, matching.publish(out, extracts, posts, wishes, DAY, HERE, out / "state", firms=FIRMS)


def test_every_seeker_has_a_line_and_nobody_else(done: tuple[Path, matching.Matching]) -> None:
    out, made = done
    written = pl.read_csv(out / "recommendations.csv", infer_schema=False)
    assert written.columns == ["person", "rank", "vacancy", "score", "reasons"]
    assert set(written["person"]) == {"P1", "P2", "P4"}
    assert made.counts["seekers"] == 3 and made.counts["vacancies_open"] == 3


def test_lists_have_reasons_and_no_unlawful_post(done: tuple[Path, matching.Matching]) -> None:
    rows = done[1].recommendations
    first = rows.filter(pl.col("person") == "P1").row(0, named=True)
    assert (
        first["vacancy"] == "岗位.xlsx:表:2"
        and "正是所求职业" in first["reasons"]
        and "名额5" in first["reasons"]
    )
    assert "岗位.xlsx:表:5" not in rows["vacancy"].to_list()
    assert rows.filter(
        (pl.col("person") == "P4") & (pl.col("vacancy") == "岗位.xlsx:表:3")
    ).is_empty()  # night shifts
    none = rows.filter(pl.col("person") == "P2").row(0, named=True)
    assert none["vacancy"] is None and "工作地点不符3个" in none["reasons"]


def test_what_was_shown_stays_for_a_week(done: tuple[Path, matching.Matching], tmp_path: Path) -> None:
    out, first = done
    extracts, posts, wishes = county(tmp_path / "out")
    again = matching.publish(
        tmp_path / "out", extracts, posts, wishes, date(2023, 1, 18), HERE, out / "state", firms=FIRMS
    )
    order = ["person", "rank", "vacancy"]
    assert again.recommendations.select(order).equals(first.recommendations.select(order))


def test_why_answers_in_chinese_for_any_pair(
    done: tuple[Path, matching.Matching], capsys: pytest.CaptureFixture[str]
) -> None:
    out = str(done[0])
    assert cli.main(["why", out, "11010519491231002X", "岗位.xlsx:表:5"]) == 0
    assert "岗位未通过合法性审查" in capsys.readouterr().out
    assert cli.main(["why", out, "P3", "岗位.xlsx:表:3"]) == 0
    assert "要返回原岗位" in capsys.readouterr().out
    for person, vacancy, words in (
        ("P9", "岗位.xlsx:表:5", "没有 P9"),
        ("P1", "无", "写法如 岗位.xlsx:表:2"),
    ):
        assert cli.main(["why", out, person, vacancy]) == 2
        assert words in capsys.readouterr().err
    assert cli.main(["why", str(done[0] / "state"), "P1", "x"]) == 2


def test_words_too_vague_for_an_occupation_have_none() -> None:
    found = dict(matching.occupations_of(pl.Series(["保安", "进厂", "随便"])).iter_rows())
    assert found["保安"] == ["4-07-05-01"] and not {"进厂", "随便"} & set(found)


def test_candidates_say_who_stands_on_both_lists(done: tuple[Path, matching.Matching]) -> None:
    table = pl.read_csv(done[0] / "candidates.csv", infer_schema=False)
    assert table.columns == ["vacancy", "rank", "person", "score", "mutual"]
    own = table.filter((pl.col("vacancy") == "岗位.xlsx:表:2") & (pl.col("person") == "P1"))
    assert own["mutual"].to_list() == ["1"]


def test_without_vacancies_everyone_is_told_so(tmp_path: Path) -> None:
    extracts, posts, wishes = county(tmp_path / "out", vacancies=0)
    made = matching.publish(tmp_path / "out", extracts, posts, wishes, DAY, HERE, firms=FIRMS)
    assert made.recommendations["reasons"].unique().to_list() == ["没有在招的合法岗位可推荐"]
    assert made.recommendations.height == 3


def test_without_anybody_there_is_an_empty_list(tmp_path: Path) -> None:
    extracts, posts, wishes = county(tmp_path / "out")
    facts = pl.read_parquet(tmp_path / "out/facts_wide/persons.parquet")
    facts.clear().write_parquet(tmp_path / "out/facts_wide/persons.parquet")
    made = matching.publish(tmp_path / "out", extracts, posts, wishes.clear(), DAY, HERE, firms=FIRMS)
    assert made.recommendations.is_empty() and made.counts["seekers"] == 0
