"""What a person said of lists with one header does not hold for a list whose titles name another kind."""

from pathlib import Path

from chunfeng.engines.sheets.answers import Answer, fitting
from tests.engines.sheets.layouts import read, workbook

HEAD = ["序号", "姓名", "身份证号", "所在村", "说明事项"]
ROWS = [[1, "陈志明", "350525197001011235", "", "甲"], [2, "林玉兰", "350525197203054321", "", "乙"]] * 8
COLUMNS = {"姓名#1": "name", "身份证号#1": "id_number"}
SIGNATURE = "|".join(HEAD)


def kind_of(folder: Path, title: str, *answers: Answer) -> str:
    path = workbook(folder / "名册.xlsx", {"Sheet1": [[title], HEAD, *ROWS]})
    readings, _, _ = read(path, answers={SIGNATURE: answers})
    return readings["Sheet1"].kind


def test_an_answer_holds_for_the_next_list_of_its_kind(tmp_path: Path) -> None:
    said = Answer("poverty_exit", COLUMNS, ("poverty_exit",))
    assert kind_of(tmp_path, "2023年1月脱贫人口花名册", said) == "poverty_exit"
    assert kind_of(tmp_path, "2023年2月名册", said) == "poverty_exit"


def test_a_list_whose_title_names_another_kind_is_read_as_what_it_says(tmp_path: Path) -> None:
    said = Answer("poverty_exit", COLUMNS, ("poverty_exit",))
    assert kind_of(tmp_path, "2023年1月低保对象花名册", said) == "minimum_living_allowance"


def test_each_kind_keeps_its_own_answer(tmp_path: Path) -> None:
    poor = Answer("poverty_exit", COLUMNS, ("poverty_exit",))
    help_ = Answer("prisoners", COLUMNS, ("minimum_living_allowance",))
    assert kind_of(tmp_path, "脱贫人口花名册", poor, help_) == "poverty_exit"
    assert (
        kind_of(tmp_path, "低保对象花名册", poor, help_) == "prisoners"
    )  # as the person said of such a title


def test_a_person_may_say_otherwise_than_the_title() -> None:
    said = Answer("prisoners", COLUMNS, ("minimum_living_allowance",))
    assert fitting([said], ("minimum_living_allowance",)) == said
    assert fitting([said], ("prisoners",)) == said
    assert fitting([said], ("poverty_exit",)) is None
    assert fitting([said, Answer("graduates", {})], ()) == Answer("graduates", {})
    assert fitting([said, Answer("graduates", {}, ("graduates",))], ()) is None
    assert fitting([], ()) is None


def test_sheets_of_one_header_and_two_titles_are_two_kinds(tmp_path: Path) -> None:
    sheets = {"脱贫人口": [HEAD, *ROWS], "低保对象": [HEAD, *ROWS]}
    readings, _, _ = read(workbook(tmp_path / "名册.xlsx", sheets))
    assert [r.kind for r in readings.values()] == ["poverty_exit", "minimum_living_allowance"]
