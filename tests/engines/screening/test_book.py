"""The book of post rules: it proves its own examples, and a defect is named with file, rule and mend."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from chunfeng.engines.screening.book import BookError, read_book
from chunfeng.engines.screening.trial import load_book, try_examples

CODES = """SEX MARRIAGE HUKOU ETHNIC RELIGION DISABILITY CARRIER UNDERAGE DEPOSIT TRAINING_LOAN PAY_NEGOTIABLE MIN_WAGE
MIN_WAGE_HOUR BLACKLIST NO_LICENCE BAD_CODE PRIVATE_CONTACT FRAUD MISSING_PLACE MISSING_NUMBER MISSING_CONTENT
MISSING_TYPE MISSING_CONDITIONS MISSING_PAY""".split()
WARNINGS = "AGE STALE DUPLICATE PAY_FAR_ABOVE_LOCAL".split()
RULE: dict[str, Any] = {
    "rule": "NOISE", "name": "噪声", "english": "Noise",
    "versions": [{
        "version": "NOISE-1", "valid_from": date(2020, 1, 1),
        "source": [{"law": "某法", "article": "第一条", "document": "主席令第一号", "status": "verified"}],
    }],
    "phrases": ["很吵"],
    "examples": {"no": ["很吵"], "yes": ["安静"]},
}  # fmt: skip


def book(folder: Path, *rules: dict[str, Any], words: dict[str, Any] | None = None) -> Path:
    text = yaml.safe_dump({"words": words or {}, "rules": list(rules)}, allow_unicode=True)
    (folder / "noise.yaml").write_text(text, encoding="utf-8")
    return folder


def test_the_own_book_holds_every_code_once_and_all_its_examples_come_out() -> None:
    rules = load_book()
    assert sorted(r.rule for r in rules) == sorted(CODES + WARNINGS)
    assert {r.rule for r in rules if r.level == "warn"} == set(WARNINGS)
    assert try_examples(rules) == []


def test_every_rule_in_force_names_a_law_with_its_number_on_the_day_of_the_campaign() -> None:
    for rule in load_book():
        version = rule.version_on(date(2023, 1, 15))
        assert version is not None, rule.rule
        assert all(source.document for source in version.sources), rule.rule
        assert "《" in rule.law_on(date(2023, 1, 15))


def test_a_good_rule_of_ones_own_is_read(tmp_path: Path) -> None:
    (rule,) = load_book(book(tmp_path, RULE))
    assert rule.law_on(date(2023, 1, 1)) == "《某法》第一条（主席令第一号）"
    assert rule.version_on(date(2019, 12, 31)) is None


SOURCE = RULE["versions"][0]["source"]
DEFECTS: list[tuple[dict[str, Any], str]] = [
    ({"patterns": ["(?<!不)吵"]}, "前后断言"),
    ({"patterns": ["吵*"]}, "连空文字也符合"),
    ({"patterns": ["<loud>"]}, "没有的词组 <loud>"),
    ({"phrases": [], "patterns": []}, "没有任何词句"),
    ({"level": "forbid"}, "level 应为"),
    ({"check": "magic"}, "没有检查方法 magic"),
    ({"frases": ["吵"]}, "不认识的项 frases"),
    ({"not_in": ["salary"]}, "没有文字栏 salary"),
    ({"versions": []}, "缺少 versions"),
    ({"versions": [{"version": "V", "valid_from": date(2020, 1, 1), "source": []}]}, "法律名称、条、文号"),
    ({"versions": [{"version": "V", "valid_from": "明天", "source": SOURCE}]}, "应为日期"),
    ({"versions": [{"version": "A", "valid_from": date(2020, 1, 1), "source": SOURCE},
                   {"version": "B", "valid_from": date(2021, 1, 1), "source": SOURCE}]}, "重叠"),
    ({"versions": [{"version": "V", "valid_from": date(2020, 1, 1), "source": [{"law": "某法", "status": "sure"}]}]},
     "source 应写"),
    ({"examples": {"no": ["很吵"]}}, "缺少 yes"),
    ({"examples": {"no": ["很吵"], "yes": ["安静"], "perhaps": ["?"]}}, "按结论分列"),
    ({"examples": {"no": ["很静"], "yes": ["安静"]}}, "应为 no，实为 yes"),
    ({"examples": {"no": ["很吵"], "yes": ["不是很吵"]}}, "应为 yes，实为 no"),
    ({"examples": {"no": [{"colour": "红"}], "yes": ["安静"]}}, "没有的栏 colour"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "told"), DEFECTS, ids=[told for _, told in DEFECTS])
def test_a_defect_refuses_the_book_and_is_named(change: dict[str, Any], told: str, tmp_path: Path) -> None:
    with pytest.raises(BookError) as caught:
        load_book(book(tmp_path, {**RULE, **change}))
    assert any(told in d and "noise.yaml" in d and "NOISE" in d for d in caught.value.defects), (
        caught.value.defects
    )


def test_all_defects_are_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(BookError) as caught:
        read_book(book(tmp_path, {**RULE, "level": "x"}, {**RULE, "rule": "OTHER", "check": "y"}, RULE, RULE))
    assert len(caught.value.defects) == 3  # level, check, the same name twice


@pytest.mark.parametrize(
    "text", ["rules: [", "- a\n- b", "rules: 3", ""], ids=["broken", "list", "number", "empty"]
)
def test_a_file_that_is_no_book_is_refused_by_name(text: str, tmp_path: Path) -> None:
    (tmp_path / "own.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(BookError, match=r"own\.yaml"):
        read_book(tmp_path)


def test_an_empty_folder_is_no_book(tmp_path: Path) -> None:
    with pytest.raises(BookError, match="没有规则文件"):
        read_book(tmp_path)


def test_a_phrase_added_is_taken_literally(tmp_path: Path) -> None:
    """Brackets and stars are signs, full or half width, and no expression."""
    examples = {"no": ["很吵（真的）", "很吵 (真的)"], "yes": ["很吵真的", "很吵"]}
    (rule,) = load_book(book(tmp_path, {**RULE, "phrases": ["很吵(真的)"], "examples": examples}))
    assert try_examples((rule,)) == []
