"""The table that says whose word counts: it fits what intake reads, and a mistake in it is named with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from chunfeng.engines.linkage.survivorship import FIELDS, OWN_TABLE, SurvivorshipError, own_table, read_table
from chunfeng.engines.sheets.kinds import load_kinds
from chunfeng.engines.sheets.records import schema_of


def test_the_table_knows_the_kinds_that_intake_reads_and_names_columns_that_they_have() -> None:
    table, kinds = own_table(), load_kinds()
    persons = {
        code for code, kind in kinds.items() if "name" in kind.by_name or "person_token" in kind.by_name
    }
    assert persons - set(table.dated_by) <= {"vacancies", "key_employers"}
    assert set(table.dated_by) <= set(kinds)
    columns = {column for kind in kinds.values() for column in schema_of(kind, [])}
    assert set(table.columns()) <= columns
    for kind, dates in table.dated_by.items():
        assert set(dates) <= set(schema_of(kinds[kind], [])), kind


def broken(table: str, old: str, new: str) -> str:
    assert table.count(old) >= 1
    return table.replace(old, new, 1)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        (
            "kinds: [household_register], why: the register of the police is",
            "kinds: [police], why: it is",
            "没有名单种类 police",
        ),
        ("  former_name:", "  old_name:", "没有字段 old_name"),
        ("    takes: [former_name]", "    take: [former_name]", "没有设置 take"),
        ("    takes: [former_name]\n", "", "缺少 takes"),
        ("takes: [claims.name]", "takes: [claims.nom]", "没有列 claims.nom"),
        ("order: [rule, lane, most, newest]", "order: [rule, lane]", "order 要写全"),
        ("levels: [4, 7, 10]", "levels: [7, 4]", "levels 要从小到大"),
        ("shared_by_at_most: 5", "shared_by_at_most: few", "这里应是整数"),
        ("why: the police keep the names of before", 'why: ""', "why 要写一句理由"),
        ("{any: true, why: written down as spoken}", "{any: maybe, why: written}", "any 只能写 true"),
        (
            "{kinds: [prisoners, migrant_residents], why:",
            "{kinds: [household_register], why:",
            "前面的规则里已经有了",
        ),
        (
            "  village_survey: [visited_on]",
            "  village_survey: [visited_on]\n  village_survey: []",
            "写了两次",
        ),
        ("  village_survey: [visited_on]", "  village_survey: visited_on", "应是列表"),
    ],
)
def test_a_mistake_in_the_table_is_named_with_its_line(tmp_path: Path, old: str, new: str, says: str) -> None:
    text = OWN_TABLE.read_text(encoding="utf-8")
    path = tmp_path / "survivorship.yaml"
    path.write_text(broken(text, old, new), encoding="utf-8")
    line = text[: text.index(old)].count("\n") + 1
    with pytest.raises(SurvivorshipError, match=says) as caught:
        read_table(path)
    found = int(str(caught.value).split("第")[1].split("行")[0])
    assert abs(found - line) <= 1 and "survivorship.yaml" in str(caught.value)


def test_a_rule_that_is_never_reached_a_missing_field_and_a_torn_file_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "t.yaml"
    rule = "{takes: [name], rules: [{any: true, why: a}, {any: true, why: b}]}"
    path.write_text(f"kinds: {{a: []}}\nfields:\n  name: {rule}\n", encoding="utf-8")
    with pytest.raises(SurvivorshipError, match="缺少字段 former_name"):
        read_table(path)
    every = "\n".join(f"  {f}: {rule}" for f in FIELDS)
    path.write_text(f"kinds: {{a: []}}\nfields:\n{every}\n", encoding="utf-8")
    with pytest.raises(SurvivorshipError, match=r"第3行.*永远用不到"):
        read_table(path)
    path.write_text("kinds: {a: [", encoding="utf-8")
    with pytest.raises(SurvivorshipError, match="读不出来"):
        read_table(path)
