"""In what order public-welfare posts are given: dated, by area, from a data file that a county may replace with its own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import yaml

SHIPPED = Path(__file__).parent / "post_order.yaml"


class OrderError(ValueError):
    """The file of the order cannot be used; the message says what to do, Chinese first."""


@dataclass(frozen=True, slots=True)
class PostClass:
    """Persons who come at one time: `tier` 1 first."""

    tier: int
    name: str
    categories: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PostOrder:
    """The order in force: `again` and `again_grade` say who may be placed a second time (categories; gravest grades of a
    disability up to this one, 0 for none)."""

    document: str
    verified: bool
    classes: tuple[PostClass, ...]
    again: tuple[str, ...]
    again_grade: int

    @property
    def last(self) -> int:
        """The tier of those in no class named: after all others."""
        return max(c.tier for c in self.classes)


def read_order(text: str, area: str | None, as_of: date) -> PostOrder:
    """The order in force in the area on the day, of a file's text. Raises OrderError with what is wrong."""
    try:
        entries = yaml.safe_load(text)["orders"]
        found = [e for e in entries if _holds(e, area, as_of)]
    except (yaml.YAMLError, KeyError, TypeError, AttributeError) as error:
        raise OrderError(
            f"安置顺序文件读不懂：要有 orders，每项有 area、from、classes。 / unreadable: {error}"
        ) from None
    if not found:
        raise OrderError(
            f"安置顺序文件里没有适用于 {area or '全省'}、{as_of} 的一项。 / no order for this area and day"
        )
    return _order(max(found, key=lambda e: (len(str(e["area"])), e["from"])))


def _holds(entry: dict[str, Any], area: str | None, as_of: date) -> bool:
    begins, ends = entry["from"], entry.get("to")
    if not isinstance(begins, date) or not (ends is None or isinstance(ends, date)):
        raise OrderError("安置顺序的 from、to 要写成 2019-11-01 这样的日期。 / from and to must be dates")
    return begins <= as_of and (ends is None or as_of <= ends) and (area or "").startswith(str(entry["area"]))


def _order(entry: dict[str, Any]) -> PostOrder:
    try:
        classes = tuple(
            PostClass(int(c["tier"]), str(c["name"]), tuple(map(str, c["categories"])))
            for c in entry["classes"]
        )
        again = entry.get("again") or {}
        categories = tuple(map(str, again.get("categories", ())))
        grade = int(again.get("disability_grade", 0))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise OrderError(
            f"每个 classes 要有 tier（整数）、name、categories。 / a class lacks something: {error}"
        ) from None
    named = [c for one in classes for c in one.categories]
    if not classes or len(set(named)) < len(named) or min(c.tier for c in classes) < 1:
        raise OrderError(
            "classes 不能为空，tier 从1起，一个类别只能写一次。 / no classes, a tier below 1 or a category twice"
        )
    return PostOrder(
        str(entry.get("document", "")), entry.get("status") == "verified", classes, categories, grade
    )


def class_of(recognised: pl.DataFrame, order: PostOrder) -> pl.DataFrame:
    """(person, tier, class, categories) of persons who are recognised in a category. `recognised`: person, category.

    Who is in several classes comes with the first; a category in none comes last.
    """
    rows = [(c, one.tier, one.name) for one in order.classes for c in one.categories]
    table = pl.DataFrame(
        rows, schema={"category": pl.String, "tier": pl.Int64, "class": pl.String}, orient="row"
    )
    last = max(order.classes, key=lambda c: c.tier)
    said = (
        recognised.select("person", "category")
        .unique()
        .join(table, on="category", how="left")
        .with_columns(pl.col("tier").fill_null(order.last), pl.col("class").fill_null(last.name))
    )
    return (
        said.sort("person", "tier", "category")
        .group_by("person", maintain_order=True)
        .agg(pl.col("tier").first(), pl.col("class").first(), pl.col("category").alias("categories"))
    )
