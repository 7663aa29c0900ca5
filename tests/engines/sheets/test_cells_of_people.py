"""What people write into cells, beyond plain values: spans, «同上», years in words, a day with its time, other documents."""

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from chunfeng.engines.sheets.values import TYPES, Context, spans
from tests.engines.sheets.layouts import read, workbook

IDS = ["350525197001011235", "350525197203054321", "350525196808082216"]


@pytest.mark.parametrize(
    ("text", "dates"),
    [
        ("2021.3.1-2022.2.28", ("2021.3.1", "2022.2.28")),
        ("2021-03-01-2022-02-28", ("2021-03-01", "2022-02-28")),
        ("2021年3月1日至2022年2月28日止", ("2021年3月1日", "2022年2月28日")),
        ("20210301—20220228", ("20210301", "20220228")),
        ("自2021/3/1起至2022/2/28", ("2021/3/1", "2022/2/28")),
        ("2021.3-2022.2", ("2021.3", "2022.2")),
        ("一年", None),
        ("2022.2.28", None),
        ("2022-02-28", None),
        ("2021.3.1、2022.2.28", None),
        ("2021.3.1-2022.2.28-2023.1.1", None),
    ],
)
def test_a_span_is_two_dates_and_nothing_else(text: str, dates: tuple[str, str] | None) -> None:
    assert spans.split(text) == dates


def test_a_contract_given_by_its_span_ends_with_it(tmp_path: Path) -> None:
    head = ["序号", "用人单位", "岗位名称", "姓名", "身份证号码", "上岗时间", "合同期限"]
    periods = ["2021.3.1-2022.2.28", "2022年5月1日至2023年4月30日", "一年"]
    rows = [
        [n + 1, "桃城镇人民政府", "保洁员", "陈志明", IDS[n], "2021-03-01", p] for n, p in enumerate(periods)
    ]
    path = workbook(tmp_path / "公益性岗位.xlsx", {"在岗": [["公益性岗位在岗台账"], head, *rows]})
    _, records, issues = read(path)
    assert records["在岗"]["contract_until"].to_list() == [date(2022, 2, 28), date(2023, 4, 30), None]
    assert records["在岗"]["contract_period"].to_list() == periods
    assert "DATE_NOT_DATE" not in issues["code"].to_list()


def test_a_certificate_valid_for_a_span_is_valid_until_its_end(tmp_path: Path) -> None:
    head = ["姓名", "残疾人证号", "残疾类别", "残疾等级", "有效期限"]
    rows = [["陈志明", IDS[0] + "43", "肢体", "三级", "2014年5月6日-2024年5月5日"]] * 3
    _, records, _ = read(workbook(tmp_path / "持证残疾人.xlsx", {"一": [head, *rows]}))
    assert set(records["一"]["valid_until"]) == {date(2024, 5, 5)}
    assert set(records["一"]["valid_until__raw"]) == {"2014年5月6日-2024年5月5日"}


def test_the_same_as_above(tmp_path: Path) -> None:
    head = ["编号", "户主", "姓名", "身份证号", "征地前人均耕地", "征地时间"]
    rows = [
        [1, "陈志明", "陈志明", IDS[0], 0.6, "2021-09-01"],
        [2, "同上", "林玉兰", IDS[1], 0.6, "〃"],
        [3, "黄福生", "黄福生", IDS[2], 0.5, "2021-10-01"],
    ]
    _, records, issues = read(workbook(tmp_path / "被征地农民.xlsx", {"一": [head, *rows]}))
    found = records["一"]
    assert found["household_head_name"].to_list() == ["陈志明", "陈志明", "黄福生"]
    assert found["expropriated_on"].to_list() == [date(2021, 9, 1), date(2021, 9, 1), date(2021, 10, 1)]
    assert found["filled"].to_list() == [None, "household_head_name;expropriated_on", None]
    assert "NAME_PLACEHOLDER" not in issues["code"].to_list()


def test_nothing_above_is_nothing(tmp_path: Path) -> None:
    head = ["编号", "户主", "姓名", "身份证号", "征地时间"]
    _, records, issues = read(
        workbook(tmp_path / "被征地农民.xlsx", {"一": [head, [1, "同上", "林玉兰", IDS[1], "2021-09-01"]]})
    )
    assert records["一"]["household_head_name"].to_list() == [None]
    assert "NAME_PLACEHOLDER" in issues["code"].to_list()


def test_couples_side_by_side(tmp_path: Path) -> None:
    head = ["镇", "村", "户别", "丈夫姓名", "丈夫身份证号", "妻子姓名", "妻子身份证号"]
    rows = [["达埔镇", "", "二女户", "陈志明", IDS[0], "林玉兰", IDS[1]]] * 4
    _, records, _ = read(workbook(tmp_path / "农村二女户名单.xlsx", {"一": [head, *rows]}))
    found = records["一"].row(0, named=True)
    assert (found["name"], found["id_number"]) == ("陈志明", IDS[0])
    assert (found["spouse_name"], found["spouse_id"]) == ("林玉兰", IDS[1])
    assert found["family_kind"] == "二女户"


def test_a_wife_named_with_her_husband_stays_the_person(tmp_path: Path) -> None:
    head = ["姓名", "身份证号", "丈夫姓名", "丈夫身份证号", "奖扶类别"]
    rows = [["林玉兰", IDS[1], "陈志明", IDS[0], "二女户"]] * 4
    _, records, _ = read(workbook(tmp_path / "计生奖扶对象.xlsx", {"一": [head, *rows]}))
    found = records["一"].row(0, named=True)
    assert (found["name"], found["spouse_name"]) == ("林玉兰", "陈志明")


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("integer", "二〇一六年", 2016),
        ("integer", "二零一七", 2017),
        ("integer", "三人", 3),
        ("retirement_category", "工人", 50),
        ("retirement_category", "管理、技术岗", 55),
        ("retirement_category", "干部（55）", 55),
        ("retirement_category", "工人或干部", None),
        ("yes_no", "要", True),
        ("yes_no", "需要", True),
        ("yes_no", "不要", False),
        ("yes_no", "无需", False),
        ("yes_no", "看情况", None),
    ],
)
def test_words_in_place_of_values(kind: str, text: str, value: object) -> None:
    assert TYPES[kind](pl.Series("v", [text]), Context()).columns[""].to_list() == [value]


def test_a_day_with_its_time_names_a_column_of_days(tmp_path: Path) -> None:
    head = ["统一社会信用代码", "名称", "经营者", "成立日期", "登记状态"]
    days = [
        "2022/01/14 0:00",
        "2022/2/3 9:05",
        "2022-03-04 10:11:12",
        "2022-03-05T00:00:00",
        "2022年3月6日 8:00",
    ]
    rows = [["92350525MA00000000", f"永春县第{n}小吃店", "陈志明", day, "存续"] for n, day in enumerate(days)]
    _, records, issues = read(workbook(tmp_path / "个体工商户.xlsx", {"一": [head, *rows]}))
    assert records["一"]["founded_on"].null_count() == 0
    assert "COLUMN_UNCERTAIN" not in issues["code"].to_list()


def test_a_travel_permit_is_no_mistake(tmp_path: Path) -> None:
    head = ["姓名", "证件类型", "证件号码", "户籍地址", "居住证有效期"]
    rows = [
        ["林志明", "台湾居民来往大陆通行证", "01234567", "台湾省", "至2024年6月30日"],
        ["陈志明", "居民身份证", "01234567", "贵州省遵义市", "至2024年6月30日"],
        ["黄福生", "居民身份证", IDS[2], "贵州省遵义市", "至2024年6月30日"],
    ] * 3
    _, records, issues = read(workbook(tmp_path / "流动人口.xlsx", {"一": [head, *rows]}))
    assert records["一"]["id_number_kind"].to_list()[:2] == ["foreign", "not_id"]
    told = issues.filter(pl.col("row") == 2)["code"].to_list()
    assert "ID_FOREIGN" in told and "ID_NOT_ID" not in told
    assert set(records["一"]["valid_until"]) == {date(2024, 6, 30)}


def test_a_bank_card_is_no_citizen_number(tmp_path: Path) -> None:
    """What might be two columns does not push aside what is one."""
    head = ["户主", "成员", "身份证号", "关系", "月补助金额", "开户行", "卡号"]
    rows = [["陈志明", "陈志明", IDS[0], "本人", 1200, "农商行", "6221840000012345"]]
    rows += [
        [None, "林玉兰", IDS[1], "妻", None, None, None],
        [None, "陈小福", IDS[2], "儿子", None, None, None],
    ]
    path = workbook(tmp_path / "低保.xlsx", {"1月": [["2023年1月农村低保花名册"], head, *rows * 3]})
    readings, records, _ = read(path)
    named = {c.header: c.field for c in readings["1月"].plan.columns}
    assert (named["身份证号"], named["卡号"]) == ("id_number", None)
    assert records["1月"]["id_number"].to_list()[:3] == IDS
