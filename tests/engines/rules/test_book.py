"""A book is used whole or refused whole; every defect says file, line, rule and what to write instead."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from chunfeng.engines.rules.book import load_book, replace_book
from chunfeng.engines.rules.catalogue import Catalogue, load_catalogue
from chunfeng.engines.rules.defects import BookError
from chunfeng.engines.rules.examples import run_examples
from chunfeng.engines.rules.records import Book
from chunfeng.engines.rules.tree import write
from tests.engines.rules.small import BOOK, FACTS

Load = Callable[..., Book]


def line_of(text: str, part: str) -> int:
    return text[: text.index(part)].count("\n") + 1


def broken(load: Load, old: str, new: str) -> BookError:
    assert old in BOOK
    with pytest.raises(BookError) as caught:
        load(BOOK.replace(old, new, 1))
    return caught.value


@pytest.mark.parametrize(
    ("old", "new", "subject", "at", "what"),
    [
        ("hukou = 'urban'", "hukou = 'town'", "A1", "version: A1-2008", "没有值 'town'"),
        (
            "age(birth_date) >= 40",
            "age(birth_date) >= :nothing",
            "A1",
            "version: A1-2008",
            "没有参数 nothing",
        ),
        ("gate AND hukou", "gate OR hukou", "A1", "when: >-", "混用要加括号"),
        ("kind: recognition", "kind: recognise", "A1", "kind: recognise", "recognise 不在可选范围"),
        ("valid_from: 2008-01-01", "valid_form: 2008-01-01", "A1", "valid_form", "没有 valid_form 这一项"),
        ("valid_from: 2008-01-01", "valid_from: 2008-02-30", "A1", "2008-02-30", "没有这一天"),
        (
            'area: "35"\n        source: {',
            'area: "355"\n        source: {',
            "A1",
            'area: "355"',
            "不是 2、4、6 位",
        ),
        (
            "source: {document: 闽政〔2008〕18号,",
            "source: {number: 18,",
            "A1",
            "number: 18",
            "没有 number 这一项",
        ),
        ("when: NOT working", "when: gate", "not_working", "when: gate", "绕回了自己"),
        ("definition: gate, ", "definition: working, ", "working", "definition: working", "已是事实的名称"),
        ("rule: A7", "rule: A1", "A1", "rule: A1\n    kind: recognition\n    name: 城镇零就业", "已在"),
        ("rule: A7", "rule: A-7", "A-7", "rule: A-7", "不合规"),
        ("version: A7-2008", "version: A1-2008", "A7", "rule: A7", "版本号 A1-2008 已用于 A1"),
        (
            "is: yes, as_of: 2023-01-15, because: 当天满50周岁",
            "is: no, as_of: 2023-01-15, because: 当天满50周岁",
            "A1",
            "当天满50周岁",
            "应为 no，规则得出 yes",
        ),
        ("birth_date: 1978-01-15", "birthday: 1978-01-15", "A1", "birthday", "不是 person 的事实"),
        (
            "sex: male, birth_date: 1973-01-16",
            "sex: man, birth_date: 1973-01-16",
            "A1",
            "sex: man",
            "性别 的值 man 不对",
        ),
        (
            "base: jobless, facts: {birth_date",
            "base: jobles, facts: {birth_date",
            "A1",
            "jobles,",
            "base jobles 没有",
        ),
        (
            "- {is: unknown, as_of: 2023-01-15, because: 性别不明",
            "- {is: maybe, as_of: 2023-01-15, because: 性别不明",
            "A1",
            "is: maybe",
            "is 要写",
        ),
        (
            "value: 50, source: 闽政〔2008〕18号",
            "value: fifty, source: 闽政〔2008〕18号",
            "older_male",
            "value: fifty",
            "fifty 不是 integer",
        ),
        (
            "from: 2008-01-01, value: 50",
            "from: 2009-01-01, value: 50",
            "A1",
            "version: A1-2008",
            "older_male 在 2008-01-01 没有可用的值",
        ),
        (
            '{area: "3502", from: 2020-01-01, to: 2022-12-31',
            '{area: "35", from: 2020-01-01, to: 2022-12-31',
            "older_male",
            '{area: "35", from: 2020',
            "重叠",
        ),
        ("rules:\n", "rule:\n", "", "rule:\n", "没有 rule 这一项"),
        ("    english: Older urban resident\n", "", "A1", "rule: A1", "缺少 english"),
        ("  jobless: {hukou: urban, ", "  jobless: &x {hukou: urban, from: *x, ", "", "jobless", "别名"),
        (
            "        source: 闽政〔2008〕18号\n        when: registered AND",
            "        when: registered AND",
            "A7",
            "version: A7-2008",
            "版本缺少 source",
        ),
    ],
)
def test_a_defect_names_file_line_rule_and_mend(
    load: Load, old: str, new: str, subject: str, at: str, what: str
) -> None:
    error = broken(load, old, new)
    text = BOOK.replace(old, new, 1)
    found = [d for d in error.defects if what in d.what]
    assert found, str(error)
    defect = found[0]
    assert (defect.file, defect.subject, bool(defect.mend)) == ("book0.yaml", subject, True)
    assert 0 <= defect.line - line_of(text, at) + 1 <= 2 + 5 * (what[:3] == "版本号")
    assert f"book0.yaml:{defect.line}" in str(error)


def test_all_defects_are_told_at_once(load: Load) -> None:
    text = BOOK.replace("hukou = 'urban'", "hukou = 'town'").replace(
        "months(since) >= 3", "months(sinse) >= 3"
    )
    with pytest.raises(BookError) as caught:
        load(text)
    assert {d.subject for d in caught.value.defects} == {"A1", "A7"}


def test_versions_of_a_rule_may_not_overlap_in_one_area_but_a_city_may_differ(load: Load) -> None:
    again = BOOK[BOOK.index("      - version: A1-2008") : BOOK.index("    examples:")]
    later = again.replace("A1-2008", "A1-2020").replace("2008-01-01", "2020-01-01")
    with pytest.raises(BookError, match=r"版本 A1-2020 与 A1-2008.*2020-01-01 重叠"):
        load(BOOK.replace(again, again + later, 1))
    city = later.replace('area: "35"', 'area: "3502"')
    examples = """
      - {is: yes, as_of: 2023-01-15, area: "350203", because: 厦门, base: jobless, facts: {sex: male, birth_date: 1973-01-15}}
      - {is: no, as_of: 2023-01-15, area: "350203", because: 厦门次日, base: jobless, facts: {sex: male, birth_date: 1973-01-16}}
      - {is: unknown, as_of: 2023-01-15, area: "350203", because: 厦门不明, base: jobless}
"""
    book = load(
        BOOK.replace(again, again + city, 1).replace("    examples:\n", "    examples:" + examples, 1)
    )
    at = {area: book.rules["A1"].at(area, date(2023, 1, 15)) for area in ("350203", "350825", "360100", None)}
    assert {area: v.version if v else None for area, v in at.items()} == {
        "350203": "A1-2020", "350825": "A1-2008", "360100": None, None: None,
    }  # fmt: skip


@pytest.mark.parametrize("kind", ["yes", "no", "unknown"])
def test_every_version_shows_yes_no_and_unknown(load: Load, kind: str) -> None:
    lines = [line for line in BOOK.splitlines() if f"is: {kind}, as_of: 2023-01-15" not in line]
    with pytest.raises(BookError, match=f"版本 A1-2008 缺例子：.*{kind}"):
        load("\n".join(lines))


def test_a_version_with_days_shows_an_edge_day(load: Load) -> None:
    text = BOOK.replace("birth_date: 1973-01-15", "birth_date: 1970-01-01").replace(
        "1973-01-16", "1990-01-01"
    )
    with pytest.raises(BookError, match="版本 A1-2008 缺例子：boundary"):
        load(text)


def test_examples_tell_their_version_and_edge_days(book: Book) -> None:
    told = {
        o.example.because: (o.right, o.edge, o.version.version if o.version else None)
        for o in run_examples(book)
    }
    assert told["当天满50周岁"] == (True, True, "A1-2008")
    assert told["性别不明"] == (True, False, "A1-2008")
    assert all(right for right, _, _ in told.values())


def test_the_previous_book_stays_in_force(book: Book, catalogue: Catalogue, tmp_path: Path) -> None:
    file = tmp_path / "recognition.yaml"
    file.write_text(BOOK.replace("'urban'", "'town'"), encoding="utf-8")
    kept, defects = replace_book(book, [file], catalogue)
    assert kept is book
    assert defects
    file.write_text(BOOK.replace(">= 40", ">= 45"), encoding="utf-8")
    taken, defects = replace_book(book, [file], catalogue)
    assert defects == ()
    assert taken is not None
    assert taken.fingerprint != book.fingerprint
    assert "age(birth_date) >= 45" in write(taken.rules["A1"].versions[0].when)


def test_parameters_take_the_most_specific_area_and_date(book: Book) -> None:
    day = date(2022, 6, 1)
    assert [book.value("older_male", area, day) for area in ("350203", "350825", "35", "361100", None)] == [
        45,
        50,
        50,
        None,
        None,
    ]
    assert book.value("older_male", "350203", date(2023, 1, 1)) == 50
    assert date(2023, 1, 1) in book.change_days()


def test_conditions_are_those_of_the_gate_and_each_bracket_once(book: Book) -> None:
    told = [write(c) for c in book.conditions(book.rules["A1"].versions[0])]
    assert told[:3] == ["registered", "not_working", "hukou = 'urban'"]
    assert len(told) == 4


def test_a_gap_is_found_through_definitions_too(load: Load) -> None:
    hidden = BOOK.replace(
        "bases:\n",
        "  - {definition: older, name: 大龄, entity: person, when: 'age(birth_date) >= :older_male'}\nbases:\n",
    ).replace("age(birth_date) >= :older_male)", "older)")
    assert "older" in load(hidden).rules
    with pytest.raises(BookError, match="A1-2008 用到的参数 older_male 在 2026-01-01"):
        load(hidden.replace("from: 2008-01-01, value: 50", "from: 2008-01-01, to: 2025-12-31, value: 50"))


def test_files_of_one_book_see_each_other_and_a_bad_one_refuses_all(load: Load) -> None:
    start = BOOK.index("rules:\n")
    assert set(load(BOOK[:start], BOOK[start:]).rules) == {"gate", "not_working", "A1", "A7"}
    with pytest.raises(BookError, match=r"book1\.yaml:[12] 不是正确的 YAML"):
        load(BOOK, "rules: [")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "rules: 3",
        "rules: [3]",
        "rules: {a: 1}",
        "a: *b",
        "? [a]\n: b",
        "rules:\n  - rule: {a: b}",
        "\t",
        "'",
        "rules:\n" + "  - " * 200 + "x",
        "bases: 3",
        "parameters: [{parameter: p}]",
        "definitions: [{definition: d, name: x, entity: person, when: ''}]",
    ],
)
def test_no_file_breaks_the_loader(load: Load, text: str) -> None:
    try:
        load(BOOK, text)
    except BookError as error:
        assert all(d.file and d.line >= 1 for d in error.defects)  # noqa: PT017 an empty file is fine too


def test_definitions_that_grow_by_doubling_are_refused_in_time(load: Load) -> None:
    lines = ["  - {definition: d0, name: 零, entity: person, when: working}"]
    lines += [
        f"  - {{definition: d{i}, name: 第{i}, entity: person, when: (d{i - 1} AND registered) OR (d{i - 1} AND children > {i})}}"
        for i in range(1, 40)
    ]
    with pytest.raises(BookError, match="上限"):
        load(BOOK, "definitions:\n" + "\n".join(lines))


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("type: yes_no, absence: closed", "type: flag, absence: closed", "flag 不在可选范围"),
        ("fact: sex", "fact: Sex", "不合规"),
        ("fact: sex", "fact: select", "不合规"),
        ("fact: hukou", "fact: sex", "已在 facts.yaml"),
        ("name: 户籍性质", "name: 性别", "中文名 性别 与 sex 相同"),
        ("values: {male: 男, female: 女},", "", "values 只用于、也必须用于 code"),
        ("values: {male: 男, female: 女},", "values: {male: 男, female: 男},", "中文名重复"),
        ("applies_when: registered", "applies_when: hukou", "不是同一主体的是否类事实"),
        ("shelf_life: 62", "shelf_life: soon", "不是天数"),
        ("evidence: 走访记录", "evidense: 走访记录", "没有 evidense"),
    ],
)
def test_a_defective_catalogue_is_refused(tmp_path: Path, old: str, new: str, what: str) -> None:
    assert old in FACTS
    path = tmp_path / "facts.yaml"
    path.write_text(FACTS.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(BookError, match=what):
        load_catalogue(path)


def test_rules_may_name_other_rules_and_policies_keep_their_own_keys(load: Load) -> None:
    policy = """
rules:
  - rule: subsidy
    kind: policy
    name: 灵活就业社会保险补贴
    english: Subsidy
    entity: person
    versions:
      - version: subsidy-2019
        valid_from: 2019-01-01
        area: "35"
        source: 闽财社〔2019〕11号
        when: A1 AND children >= 1
        amount: {up_to: 0.6667, of: 实缴}
        months_limit: 36
        line: ":older_male"
        exclusive_with: [A7]
    examples:
      - {is: yes, as_of: 2023-01-15, because: 有, base: jobless, facts: {sex: male, birth_date: 1973-01-15, children: 1}}
      - {is: no, as_of: 2023-01-15, because: 无, base: jobless, facts: {sex: male, birth_date: 1973-01-15, children: 0}}
      - {is: unknown, as_of: 2023-01-15, because: 不知, base: jobless, facts: {sex: male, birth_date: 1973-01-15}}
"""
    version = load(BOOK, policy).rules["subsidy"].versions[0]
    assert version.extra["months_limit"] == 36
    assert str(version.extra["amount"]["up_to"]) == "0.6667"
    for old, new, what in (
        ("exclusive_with: [A7]", "exclusive_with: [A9]", "没有规则 A9"),
        (":older_male", ":older", "没有参数 older"),
        ("area:", "areas:", "像是 area 的笔误"),
    ):
        with pytest.raises(BookError, match=what):
            load(BOOK, policy.replace(old, new))


def test_files_may_be_named_one_by_one(catalogue: Catalogue, tmp_path: Path) -> None:
    with pytest.raises(BookError, match=r"gone\.yaml:1 文件读不出来"):
        load_book([tmp_path / "gone.yaml"], catalogue)
