"""Types that choose one of few: yes or no, ticked boxes, codes of the state's tables."""

from __future__ import annotations

import re

import polars as pl

from chunfeng.engines.sheets.values.column import Context, Typed, Typer, by_distinct, clean_text, not_taken
from chunfeng.reference import codes

YES = (
    "是", "√", "✓", "☑", "有", "1", "Y", "y", "YES", "Yes", "yes", "TRUE",
    "true", "已", "对", "愿意", "同意", "参加", "内", "已交", "已提交", "齐全", "享受", "已参保",
    "参保", "缴", "正常缴费", "已就业", "●", "✔", "V", "v", "是的", "区内", "规划区内", "已享受",
    "1.0", "要", "需要", "需", "愿", "打√", "打勾", "勾", "✅",
)  # fmt: skip
NO = (
    "否", "×", "✗", "☐", "没有", "0", "N", "n", "NO", "No", "no", "FALSE",
    "false", "未", "不", "不愿意", "不同意", "不参加", "外", "未交", "待补", "未提交", "缺", "无",
    "不享受", "未参保", "未缴", "未就业", "□", "不是", "区外", "规划区外", "X", "x", "未享受", "0.0",
    "暂不", "断缴", "停缴", "无需", "❌",
)  # fmt: skip


def yes_or_no(text: str) -> bool | None:
    """Whether a cell says yes or no; None when it says neither."""
    if text in YES or text.startswith(("是", "已", "有", "愿意", "同意")):
        return True
    if text in NO or text.startswith(("否", "未", "不", "没")):
        return False
    return None


def _yes_no(values: pl.Series, _: Context) -> Typed:
    cleaned = clean_text(values)
    result = by_distinct(cleaned, yes_or_no, pl.Boolean)
    typed = Typed({"": result})
    typed.problem("VALUE_NOT_YES_NO", not_taken(result, cleaned))
    return typed


_TICKED = "☑■√✓✔☒●"


def _checkboxes(values: pl.Series, _: Context) -> Typed:
    def parse(text: str) -> str | None:
        chosen: list[str] = []
        mark, word = "", ""
        for char in text + "□":
            if char in _TICKED or char in "□☐○":
                if mark and mark in _TICKED and word.strip():
                    chosen.append(word.strip(" ,，、;；\u3000"))
                mark, word = char, ""
            else:
                word += char
        return ";".join(chosen) or None

    cleaned = clean_text(values)
    return Typed({"": by_distinct(cleaned, parse, pl.String)})


def _retirement_age(text: str) -> int | None:
    """The age itself, or the group by which women's age is set (国发〔1978〕104号): workers 50, cadres and staff 55."""
    ages = {int(age) for age in re.findall(r"(?<!\d)(50|55|60)(?!\d)", text)}
    if not ages:
        ages = {age for age, words in _RETIREMENT_GROUPS if re.search(words, text)}
    return ages.pop() if len(ages) == 1 else None


_RETIREMENT_GROUPS = ((50, "工人|工勤|生产操作|非管理"), (55, "干部|(?<!非)管理|技术|职员"))


def _retirement(values: pl.Series, _: Context) -> Typed:
    cleaned = clean_text(values)
    age = by_distinct(cleaned, _retirement_age, pl.Int8)
    typed = Typed({"": age})
    typed.problem("VALUE_UNKNOWN_CODE", not_taken(age, cleaned))
    return typed


def _code(table: str) -> Typer:
    def typer(values: pl.Series, _: Context) -> Typed:
        cleaned = clean_text(values)
        result = by_distinct(cleaned, lambda text: codes.lookup(table, text), pl.String)
        typed = Typed({"": result})
        typed.problem("VALUE_UNKNOWN_CODE", not_taken(result, cleaned))
        return typed

    return typer


CODE_TABLES = (
    "sex",
    "ethnicity",
    "education",
    "marital",
    "kinship",
    "hukou",
    "disability_kind",
    "disability_grade",
)

TYPES: dict[str, Typer] = {
    "yes_no": _yes_no,
    "checkboxes": _checkboxes,
    "retirement_category": _retirement,
    **{f"code:{table}": _code(table) for table in CODE_TABLES},
}
