"""The book proves itself: every rule's examples must come out as it says, or the whole book is refused."""

from __future__ import annotations

from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl

from chunfeng.engines.screening.book import OWN_BOOK, BookError, PostRule, read_book
from chunfeng.engines.screening.posts import ELEMENTS, SCHEMA
from chunfeng.engines.screening.screen import judge

AS_OF, REGION = date(2023, 1, 15), "350825"
"""The day and the county of all examples: 连城县, whose minimum wage then was 1660 a month and 17.5 an hour."""
_PLAIN: dict[str, Any] = {
    "file": "例.xlsx", "sheet": "", "employer_name": "某县某某有限公司", "employer_name_key": "某某",
    "credit_code": "91350825MA0000000X", "credit_code_kind": "ok", "work_place": "某县某镇", "headcount": "5", "pay": "3500",
    "employment_form": "全日制", "work_conditions": "8小时", "work_content": "当班任务", "post_name": "普工",
    "phone": "15400000000", "posted_on": date(2023, 1, 10), "valid_until": date(2023, 3, 1),
    "known": True, "sure": True, "borrowed": False,
    "blacklisted": False, **dict.fromkeys((f"{c}_listed" for c in (*ELEMENTS, "credit_code")), True),
}  # fmt: skip


@cache
def load_book(folder: Path = OWN_BOOK) -> tuple[PostRule, ...]:
    """The rules of a folder, their examples tried. Raises BookError naming file, rule, example and what to do."""
    book = read_book(folder)
    if defects := try_examples(book):
        raise BookError(defects)
    return book


def try_examples(book: tuple[PostRule, ...]) -> list[str]:
    """One line per example that does not come out as its rule says."""
    cases = [
        (rule, outcome, example)
        for rule in book
        for outcome, examples in rule.examples.items()
        for example in examples
    ]
    rows: list[dict[str, Any]] = []
    expected: list[tuple[int, PostRule, str, Any]] = []
    for rule, outcome, example in cases:
        said = {"requirements": str(example)} if not isinstance(example, dict) else dict(example)
        twice = said.pop("twice", None)
        number = len(rows)
        row = {**_PLAIN, **said, "row": number + 1, "employer": f"N:{number}@350825"}
        unknown = sorted(set(row) - set(SCHEMA))
        if unknown:
            return [f"{rule.where}：例子用了没有的栏 {', '.join(unknown)}。"]
        rows.append(row)
        if twice:
            rows.append({**row, "row": number + 2})
        expected.append((len(rows) - 1, rule, outcome, example))
    if not rows:
        return []
    posts = pl.DataFrame([{c: row.get(c) for c in SCHEMA} for row in rows], schema=SCHEMA, orient="row")
    got = {(post, rule): outcome for post, rule, outcome, _ in judge(posts, book, AS_OF, REGION).iter_rows()}
    defects = []
    for post, rule, outcome, example in expected:
        came = got.get((post, rule.rule), "yes")
        if came != outcome:
            defects.append(
                f"{rule.where}：例子“{example}”应为 {outcome}，实为 {came}；请改词句、例外（unless）或例子。"
            )
    return defects
