"""Lists below each other on one sheet are read each by its own header; a header printed again begins no list."""

from pathlib import Path

from tests.engines.sheets.layouts import read, workbook

FIRST = ["序号", "户主姓名", "姓名", "身份证号码", "与户主关系", "脱贫年度"]
SECOND = ["序号", "姓名", "身份证号码", "户主姓名", "监测类别", "联系电话"]
POOR = [
    [1, "陈志明", "陈志明", "350525197001011235", "户主", 2016],
    [2, "陈志明", "林玉兰", "350525197203054321", "配偶", 2016],
    [3, "黄福生", "黄福生", "350525196808082216", "户主", 2015],
]
WATCHED = [
    [1, "苏金水", "350525197505056015", "苏金水", "突发严重困难户", "16012345678"],
    [2, "康海燕", "35052519810606782X", "苏金水", "突发严重困难户", "16112345678"],
]


def pile(path: Path, *between: list[object]) -> Path:
    rows = [
        ["永春县脱贫人口台账"],
        FIRST,
        *POOR,
        *between,
        SECOND,
        *WATCHED,
        ["填报人：", "", "", "审核人："],
    ]
    return workbook(path, {"达埔镇": rows})


def test_two_lists_with_headers_of_their_own(tmp_path: Path) -> None:
    path = pile(tmp_path / "脱贫监测.xlsx", ["合计", "", 3], [], ["防止返贫监测对象台账"])
    readings, records, issues = read(path)
    upper, lower = records["达埔镇"], records["达埔镇（第2张表）"]
    assert upper["name"].to_list() == ["陈志明", "林玉兰", "黄福生"]
    assert lower["name"].to_list() == ["苏金水", "康海燕"]
    assert lower["household_head_name"].to_list() == ["苏金水", "苏金水"]
    assert lower["row"].to_list() == [10, 11]  # as the sender counts
    assert readings["达埔镇（第2张表）"].titles == ("防止返贫监测对象台账",)
    assert readings["达埔镇"].counts == {"blank": 1, "data": 3, "header": 1, "title": 1, "total": 1}
    assert sum(sum(r.counts.values()) for r in readings.values()) == 12
    assert issues.filter(issues["code"] == "SHEET_SEVERAL_LISTS")["value"].to_list() == ["2"]
    assert "ROW_SWAPPED" not in issues["code"].to_list()


def test_signatures_of_the_first_list_stay_with_it(tmp_path: Path) -> None:
    path = pile(tmp_path / "脱贫监测.xlsx", ["填报人：潘某"], ["监测对象"])
    readings, _, _ = read(path)
    assert readings["达埔镇"].counts["footer"] == 1
    assert readings["达埔镇（第2张表）"].titles == ("监测对象",)


def test_a_header_printed_on_every_page_begins_no_list(tmp_path: Path) -> None:
    rows = [FIRST, *POOR, ["合计", "", 3], FIRST, *POOR, FIRST, *POOR]
    readings, records, issues = read(workbook(tmp_path / "脱贫人口.xlsx", {"一": rows}))
    assert list(readings) == ["一"] and records["一"].height == 9
    assert readings["一"].counts["repeated_header"] == 2
    assert "SHEET_SEVERAL_LISTS" not in issues["code"].to_list()


def test_rows_of_words_are_no_headers(tmp_path: Path) -> None:
    """Values that are also words over columns: 低保户, 残疾, 企业, 单位."""
    head = ["姓名", "人员类别", "单位", "健康状况", "备注"]
    people = [["陈志明", "低保户", "企业", "残疾", "说明"], ["林玉兰", "脱贫户", "单位", "健康", "备注"]] * 6
    readings, records, _ = read(workbook(tmp_path / "名单.xlsx", {"一": [head, *people]}))
    assert list(readings) == ["一"] and records["一"].height == 12


def test_two_lists_in_a_text_file(tmp_path: Path) -> None:
    path = tmp_path / "脱贫监测.csv"
    rows = [FIRST, *POOR, [""] * 6, SECOND, *WATCHED]
    path.write_text("\n".join(",".join(map(str, r)) for r in rows), encoding="gbk")
    _, records, _ = read(path)
    assert records[""]["name"].len() == 3
    assert records["第2张表"]["name"].to_list() == ["苏金水", "康海燕"]


def test_headers_that_share_their_first_columns_are_two(tmp_path: Path) -> None:
    disabled = [
        ["序号", "姓名", "身份证号", "残疾类别", "残疾等级"],
        *[[r[0], r[2], r[3], "肢体", "三级"] for r in POOR],
    ]
    helped = [
        ["序号", "姓名", "身份证号", "低保类别", "月保障金"],
        *[[r[0], r[1], r[2], "A类", 420] for r in WATCHED],
    ]
    readings, records, _ = read(workbook(tmp_path / "名单.xlsx", {"一": disabled + helped}))
    assert [r.kind for r in readings.values()] == ["disability_certificates", "minimum_living_allowance"]
    assert [f.height for f in records.values()] == [3, 2]
