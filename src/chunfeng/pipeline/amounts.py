"""A policy's amount in words, at each subject's place and day; figures come from dated parameters and minimum wages."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import polars as pl

from chunfeng.engines.rules.records import Book, Version
from chunfeng.reference.wages import minimum_wage


def amounts(
    book: Book, told: pl.DataFrame, wide: pl.DataFrame, versions: Mapping[str, Version], as_of: date
) -> pl.DataFrame:
    """(subject, rule) → `amount`. One text is made per version, place, tier and number of heads, never per subject.

    A version's `amount` holds one of yuan, percent with `of`, share with `of`, text, or `by` (a fact and its tiers), and may add
    up_to, per, months, times (a fact to multiply by), cap, note. `higher` (fact, from, yuan) replaces yuan from that value on.
    """
    key = told.columns[0]
    used = {fact for version in versions.values() for fact in _facts_used(version) if fact in wide.columns}
    facts = wide.select(key, *sorted(used)) if used else wide.select(key)
    rows = told.select(key, "rule", "version", "area").join(facts, on=key, how="left", maintain_order="left")
    parts = []
    for (name,), group in rows.group_by("version", maintain_order=True):
        version = versions[str(name)]
        own = [fact for fact in _facts_used(version) if fact in group.columns]
        cases = group.select("area", *own).unique()
        said = [
            amount_text(book, version, dict(zip(cases.columns, case, strict=True)), as_of)
            for case in cases.iter_rows()
        ]
        texts = cases.with_columns(pl.Series("amount", said, dtype=pl.String))
        parts.append(
            group.join(texts, on=["area", *own], how="left", nulls_equal=True).select(key, "rule", "amount")
        )
    empty = pl.DataFrame(schema={key: pl.String, "rule": pl.String, "amount": pl.String})
    return pl.concat([empty, *parts])


def _facts_used(version: Version) -> list[str]:
    amount, higher = version.extra.get("amount") or {}, version.extra.get("higher") or {}
    by = amount.get("by") or {}
    return list(dict.fromkeys(f for f in (by.get("fact"), amount.get("times"), higher.get("fact")) if f))


def amount_text(book: Book, version: Version, case: Mapping[str, Any], as_of: date) -> str:
    """The amount in words. `case`: `area` and the facts it depends on; without them all tiers and the sum per head are told."""
    amount = dict(version.extra.get("amount") or {})
    area = case["area"]

    def value(of: Any) -> Decimal | None:
        if isinstance(of, str) and of.startswith(":"):
            of = book.value(of[1:], area, as_of)
        return None if of is None else Decimal(of)

    higher = version.extra.get("higher") or {}
    reached = case.get(higher.get("fact", ""))
    least = value(higher.get("from"))
    if reached is not None and least is not None and reached >= least:
        amount["yuan"] = higher["yuan"]
    limit = "不超过" if amount.get("up_to") else ""
    said = limit + _figure(book, amount, case, value, area, as_of)
    if amount.get("per"):
        said += (
            f"（每{amount['per']}）" if not str(amount["per"]).startswith("每") else f"（{amount['per']}）"
        )
    if amount.get("months"):
        said += f"，{amount['months']}个月"
    times, each = case.get(amount.get("times", "")), value(amount.get("yuan"))
    if times is not None and each is not None:
        total, cap = each * times, value(amount.get("cap"))
        said += f"，按{times}人共{_plain(min(total, cap) if cap is not None else total)}元"
    if amount.get("note"):
        said += f"；{amount['note']}"
    return said + ("；金额待核" if "amount" in (version.extra.get("unverified") or ()) else "")


def _figure(
    book: Book, amount: Mapping[str, Any], case: Mapping[str, Any], value: Any, area: str | None, as_of: date
) -> str:
    by = amount.get("by")
    if by:
        tiers, unit = (by["yuan"], "元") if "yuan" in by else (by["percent"], "%")
        labels = book.catalogue.facts[by["fact"]].values
        own = case.get(by["fact"])
        chosen = {str(own): tiers[own]} if own in tiers else tiers
        parts = []
        for code, tier in chosen.items():
            figure = value(tier)
            shown = "未见" if figure is None else f"{_plain(figure)}{unit}"
            parts.append(shown if len(chosen) == 1 else f"{labels.get(code, code)}{shown}")
        base = f"{amount['of']}的" if amount.get("of") else ""
        return base + "、".join(parts)
    if "yuan" in amount:
        figure = value(amount["yuan"])
        return "标准未见，以当地通知为准" if figure is None else f"{_plain(figure)}元"
    if "percent" in amount:
        share = value(amount["percent"])
        if share is None:
            return "比例未见，以当地通知为准"
        if amount.get("of") == "minimum_wage":
            wage = minimum_wage(area, as_of) if area else None
            if wage is None or wage.monthly is None:
                return f"当地月最低工资的{_plain(share)}%"
            paid = (Decimal(wage.monthly) * share / 100).quantize(Decimal("0.1"), ROUND_HALF_UP)
            return f"{_plain(paid)}元"
        return f"{amount['of']}的{_plain(share)}%"
    if "share" in amount:
        return f"{amount['of']}的{amount['share']}"
    base = f"（{amount['of']}）" if amount.get("of") else ""
    return f"{amount.get('text', '见通知')}{base}"


def _plain(number: Decimal) -> str:
    return f"{number.normalize():f}"
