"""The data files are held to what the kernel can do and the law allows."""

import pytest

from chunfeng.engines.matching.market.book import HERE, LEVELS, RulesError, load_book, read_book

RULES = (HERE / "rules.yaml").read_text(encoding="utf-8")
SCORES = (HERE / "scores.yaml").read_text(encoding="utf-8")


def test_every_rule_says_why_what_helps_and_by_which_law() -> None:
    book = load_book()
    assert len({r.rule for r in book.rules}) == len(book.rules)
    assert all(r.fails and r.helps and r.source for r in book.rules)
    assert len(book.scores.occupation) == len(LEVELS)


@pytest.mark.parametrize(
    "column", ["sex", "age_required", "hukou", "hepatitis_b", "ethnicity", "marital_status", "disability"]
)
def test_a_condition_the_law_forbids_becomes_no_rule(column: str) -> None:
    rule = f"""
  - {{rule: x, name: 条件, side: job, kind: bits, person: certificates, job: {column}, fails: 不符,
     helps: 无, source: {{law: 单位要求}}}}
words:"""
    with pytest.raises(RulesError, match="就业促进法"):
        read_book(RULES.replace("\nwords:", rule, 1), SCORES)


def test_every_defect_is_named_at_once() -> None:
    broken = RULES.replace("kind: area", "kind: nearby").replace("compare: from", "compare: about")
    with pytest.raises(RulesError) as told:
        read_book(broken, SCORES.replace("occupation: 4000", "occupation: 4001"))
    for word in ("nearby", "sixteen", "10000"):
        assert word in str(told.value)
