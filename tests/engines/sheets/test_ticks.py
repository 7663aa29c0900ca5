"""A question over columns to tick is read as one answer; what is a question of its own stays one."""

from pathlib import Path

import pytest

from tests.engines.sheets.layouts import read, workbook

TOP = ["编号", "姓名", "身份证号", "目前状态（打√）", None, None, "电话"]
ANSWERS = [None, None, None, "在外务工", "本地就业", "待业在家", None]
MERGES = ["A1:A2", "B1:B2", "C1:C2", "D1:F1", "G1:G2"]
IDS = ["350525197001011235", "350525197203054321", "350525196808082216", "350525197505056015"]


def survey(path: Path, *states: list[object]) -> Path:
    people = [
        [n + 1, name, number, *state, f"1601234567{n}"]
        for n, (name, number, state) in enumerate(
            zip(["陈志明", "林玉兰", "黄福生", "苏金水"], IDS, states, strict=True)
        )
    ]
    rows = [["走访摸排表"], TOP, ANSWERS, *people]
    below = [f"{a[0]}{int(a[1]) + 1}:{a[3]}{int(a[4]) + 1}" for a in MERGES]
    return workbook(path, {"达埔镇": rows}, {"达埔镇": below})


@pytest.mark.parametrize("mark", ["√", "☑", "V", "1", "是", "✓"])
def test_the_answer_ticked_is_the_value(tmp_path: Path, mark: str) -> None:
    path = survey(
        tmp_path / "走访.xlsx", [mark, None, None], [None, mark, None], [None, None, mark], [None] * 3
    )
    readings, records, issues = read(path)
    assert readings["达埔镇"].kind == "village_survey"
    assert records["达埔镇"]["present_state"].to_list() == ["在外务工", "本地就业", "待业在家", None]
    assert not {"COLUMN_UNCERTAIN", "COLUMN_UNUSED"} & set(issues["code"])


def test_what_is_written_instead_of_a_tick_is_kept(tmp_path: Path) -> None:
    states = [["√", "×", None], ["晋江", None, None], [None, "√", None], [None, "√", "√"]]
    _, records, _ = read(survey(tmp_path / "走访.xlsx", *states))
    assert records["达埔镇"]["present_state"].to_list() == [
        "在外务工",
        "在外务工：晋江",
        "本地就业",
        "本地就业;待业在家",
    ]


def test_answers_that_are_fields_of_their_own_stay_so(tmp_path: Path) -> None:
    top = ["姓名", "身份证号", "人员类别", None, None, "培训意愿"]
    low = [None, None, "是否脱贫户", "是否低保", "是否残疾", None]
    people = [["陈志明", IDS[0], "√", None, None, "焊工"], ["林玉兰", IDS[1], None, "√", "√", "家政"]] * 3
    merges = ["A2:A3", "B2:B3", "C2:E2", "F2:F3"]
    _, records, _ = read(
        workbook(tmp_path / "走访.xlsx", {"一": [["走访摸排表"], top, low, *people]}, {"一": merges})
    )
    assert records["一"]["is_poverty_exit"].to_list()[:2] == [True, None]
    assert records["一"]["receives_allowance"].to_list()[:2] == [None, True]


def test_answers_that_nothing_asks(tmp_path: Path) -> None:
    head = ["序号", "姓名", "身份证号", "务工", "务农", "经商", "待业", "求职意向"]
    people = [
        [n + 1, "陈志明", IDS[n % 4], *["√" if n % 4 == at else None for at in range(4)], "家政"]
        for n in range(8)
    ]
    _, records, _ = read(
        workbook(tmp_path / "走访摸底表.xlsx", {"一": [["劳动力走访摸底表"], head, *people]})
    )
    assert records["一"]["present_state"].to_list()[:4] == ["务工", "务农", "经商", "待业"]


def test_ticks_of_which_a_row_has_several_are_no_answer(tmp_path: Path) -> None:
    """Papers handed in, one column each."""
    head = ["企业名称", "统一社会信用代码", "营业执照", "授权委托书", "招聘简章", "展位号"]
    firms = [[f"永春第{n}香厂", "92350525MA00000000", "√", "√", "√" if n % 2 else None, n] for n in range(6)]
    _, records, _ = read(workbook(tmp_path / "招聘会参会单位.xlsx", {"一": [head, *firms]}))
    assert records["一"]["has_licence"].to_list() == [True] * 6
    assert records["一"]["has_prospectus"].to_list() == [None, True] * 3
