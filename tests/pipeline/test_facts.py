"""The facts stage after real readers and real linkage: a small invented county, its facts.parquet and its findings."""

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from chunfeng.engines.facts.declared import read_declarations
from chunfeng.engines.sheets.kinds import load_kinds
from chunfeng.pipeline import facts, inputs, intake, registry
from chunfeng.reference.rules import FACTS
from tests.pipeline.county import AS_OF, HERE, REGISTER, lay

JOBLESS = REGISTER.slice(0, 40)
INSURED = REGISTER.slice(30, 60)


def jobless() -> pl.DataFrame:
    return JOBLESS.select(
        "姓名", "身份证号码", pl.lit("2022-03-01").alias("失业登记申请日期"), pl.lit("2022-03-02").alias("失业登记审核通过时间"),
        pl.lit("有效").alias("登记状态"), pl.lit("企业关闭破产").alias("失业原因"),
    )  # fmt: skip


def insured() -> pl.DataFrame:
    return INSURED.select(
        "姓名", "身份证号码", pl.lit("202212").alias("费款所属期"), pl.lit("职工").alias("参保身份"),
        pl.lit("91350825168NYQ6A14").alias("统一社会信用代码"), pl.lit("是").alias("失业保险"), pl.lit("已到账").alias("到账标志"),
    )  # fmt: skip


def stage(folder: Path, out: Path, as_of: date = AS_OF) -> facts.FactsStage:
    """Read, link, derive: what a run does before any rule is asked."""
    intake.run(
        inputs.find(folder), out, out / ".readings", as_of=as_of, region=HERE, kinds=load_kinds(), kind_folders=(), answers={},
        workers=1, progress=lambda done, total, name: None,
    )  # fmt: skip
    extracts = registry.read_extracts(out)
    linked = registry.run(out, None, as_of, {}, extracts)
    return facts.run(out, extracts, linked, as_of, HERE)


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, facts.FactsStage]:
    folder = tmp_path_factory.mktemp("county")
    lay(folder / "in", **{"人社-登记失业人员花名册（2023年1月）": jobless(), "社保-参保缴费明细": insured()})
    return folder / "out", stage(folder / "in", folder / "out")


def by_id(county: tuple[Path, facts.FactsStage], *facts_of: str) -> pl.DataFrame:
    out, found = county
    persons = pl.read_parquet(out / "persons.parquet").select("person", "id18")
    return found.persons.select("person", *facts_of).join(persons, on="person")


def test_everybody_of_the_registry_has_one_row(county):
    out, found = county
    persons = pl.read_parquet(out / "persons.parquet")
    assert found.persons["person"].sort().to_list() == persons["person"].sort().to_list()
    assert found.persons.filter(pl.col("household").is_not_null()).height >= REGISTER.height


def test_who_is_registered_and_who_is_insured(county):
    told = by_id(county, "registered_unemployed", "insured_by_employer", "unemployed_since")
    listed = told.join(JOBLESS.select(id18="身份证号码"), on="id18", how="semi")
    assert listed.height == JOBLESS.height and listed["registered_unemployed"].all()
    assert set(listed["unemployed_since"]) == {date(2022, 3, 2), date(2023, 1, 1)}
    others = told.join(JOBLESS.select(id18="身份证号码"), on="id18", how="anti")
    assert not others["registered_unemployed"].any() and others["registered_unemployed"].null_count() == 0
    assert told["insured_by_employer"].sum() == INSURED.height


def test_the_file_holds_every_statement_and_what_holds_of_everyone_else(county):
    out, found = county
    kept = pl.read_parquet(out / "facts.parquet")
    assert kept.equals(found.provenance)
    names = set(read_declarations(FACTS).facts)
    assert set(kept.filter(pl.col("person").is_null())["fact"]) == names
    said = kept.filter(pl.col("fact") == "registered_unemployed").drop_nulls("person")
    assert said.height == JOBLESS.height and set(said["source"]) == {"unemployment_register"}
    assert said["row"].null_count() == 0 and said["file"].str.contains("登记失业").all()


def test_lists_that_were_not_handed_in_leave_unknown(county):
    _, found = county
    missing = ["allowance", "disability_certificate", "draws_pension", "real_name", "flexible_subsidy_months"]
    assert all(found.persons[fact].null_count() == found.persons.height for fact in missing)
    general = found.provenance.filter(pl.col("person").is_null() & pl.col("fact").is_in(missing))
    assert general["note"].str.contains("没有报送").all()
    assert (
        general.filter(pl.col("fact") == "flexible_subsidy_months")["note"]
        .str.contains("认定和补贴台账")
        .all()
    )


def test_who_is_insured_where_now(county):
    _, found = county
    assert found.staff.height == INSURED.height and found.staff["employer"].n_unique() == 1
    firm = found.employers.row(0, named=True)
    assert firm["staff_insured"] == INSURED.height and firm["insured_12_months"] is None


def test_contradictions_are_marked_and_those_of_linkage_are_not_told_twice(county):
    _, found = county
    both = found.provenance.filter((pl.col("fact") == "insured_by_employer") & pl.col("conflict"))
    assert both.height == 10
    assert "insured_but_unemployed" not in set(found.findings["kind"])


def test_a_contradiction_is_told_in_the_words_of_the_catalogue():
    torn = pl.DataFrame(
        [
            ("hukou_kind_differs", "P1", "urban", "rural", "甲.csv##2;乙.csv##3"),
            ("works_but_unemployed", "P2", "走访：在店里上班{}", None, "丙.xlsx#北街#5"),
            ("insured_but_unemployed", "P2", "末次缴费月 2022-12", None, "丁.csv##9"),
        ],
        schema=["conflict", "person", "value", "against", "rows"],
        orient="row",
    )
    persons = pl.DataFrame({"person": ["P1", "P2"], "name": ["陈志明", None]})
    told = facts.findings(torn, persons, read_declarations(FACTS))
    by_kind = dict(zip(told["kind"], told["message"], strict=True))
    assert set(by_kind) == {"hukou_kind_differs", "works_but_unemployed"}  # linkage tells of the third
    assert by_kind["hukou_kind_differs"].startswith(
        "陈志明：户籍城乡两处不一致，采用城镇，另一处为农村。请公安"
    )
    assert by_kind["works_but_unemployed"].startswith(
        "（无姓名）：登记失业未注销，但走访：在店里上班{}。请登记机构"
    )


def test_half_a_year_later_the_lists_are_stale(county, tmp_path):
    out, _ = county
    later = date(2023, 7, 15)
    extracts = registry.read_extracts(out)
    copy = tmp_path / "out"
    copy.mkdir()
    linked = registry.run(copy, None, later, {}, extracts)
    found = facts.run(copy, extracts, linked, later, HERE)
    assert found.persons["registered_unemployed"].null_count() == found.persons.height
    assert found.persons["insured_by_employer"].null_count() == found.persons.height


def test_names_that_a_spreadsheet_would_run_still_find_their_rows(tmp_path):
    folder = tmp_path / "in"
    lay(folder, **{"-社保-参保缴费明细": insured()})
    found = stage(folder, tmp_path / "out")
    assert found.staff.height == INSURED.height
