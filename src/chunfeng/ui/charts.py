"""Figures as data: what the components `chart` and `map` draw, and the same numbers for the table beside them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Literal

from django.utils.formats import number_format
from django.utils.translation import gettext as _

Kind = Literal["bar", "rows", "line", "pie", "scatter", "sankey"]
Value = int | float | None


@dataclass(frozen=True)
class TableRow:
    """One row of the table beside a figure: texts, and where the first of them leads."""

    cells: tuple[str, ...]
    url: str = ""


@dataclass(frozen=True)
class Chart:
    """A figure of one kind. `columns`: the headings, the first of the categories.

    Rows hold a category and one number per further column (`sankey`: from, to, number; `scatter`: name, x, y).
    None is unknown: a gap in the drawing, a word in the table. `urls`: an address per row, or none at all.
    """

    kind: Kind
    columns: tuple[str, ...]
    rows: Sequence[tuple[Any, ...]]
    unit: str = ""
    stacked: bool = False
    urls: Sequence[str] = ()

    @property
    def table(self) -> list[TableRow]:
        urls = self.urls or ("",) * len(self.rows)
        return [
            TableRow(tuple(shown(cell) for cell in row), url)
            for row, url in zip(self.rows, urls, strict=True)
        ]

    @property
    def data(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "columns": [str(column) for column in self.columns],
            "rows": [
                [cell if isinstance(cell, int | float) or cell is None else str(cell) for cell in row]
                for row in self.rows
            ],
            "unit": str(self.unit),
            "stacked": self.stacked,
            "urls": list(self.urls),
        }


@dataclass(frozen=True)
class MapRegion:
    """A region's figure; None is unknown and drawn so, never as nought."""

    code: str
    name: str
    value: Value
    url: str = ""


@dataclass(frozen=True)
class MapFigure:
    """Figures of counties (6 digits) or cities (4) on the map of Fujian; `within`: only regions whose code begins so."""

    level: Literal["county", "city"]
    measure: str
    regions: Sequence[MapRegion]
    unit: str = ""
    within: str = ""
    classes: Sequence[tuple[float, float]] = field(default=())
    """Lower and upper bound of each class of colour, both inside; left empty, five of about equal numbers."""

    @property
    def columns(self) -> tuple[str, str]:
        return (_("地区"), f"{self.measure}（{self.unit}）" if self.unit else str(self.measure))

    @property
    def table(self) -> list[TableRow]:
        return [TableRow((region.name, shown(region.value)), region.url) for region in self.regions]

    @property
    def data(self) -> dict[str, Any]:
        bounds = self.classes or classes(region.value for region in self.regions)
        return {
            "level": self.level,
            "within": self.within,
            "measure": str(self.measure),
            "unit": str(self.unit),
            "classes": [[low, high] for low, high in bounds],
            "regions": [[region.code, region.name, region.value, region.url] for region in self.regions],
        }


def shown(value: Any) -> str:
    """A cell as text: numbers with separators, unknown as a word."""
    if value is None:
        return _("未知")
    if isinstance(value, int | float) and not isinstance(value, bool):
        return number_format(value, use_l10n=True, force_grouping=True)
    return str(value)


def classes(values: Iterable[Value], wanted: int = 5) -> list[tuple[float, float]]:
    """At most `wanted` classes with about as many values each; every value lies in exactly one."""
    known = sorted(value for value in values if value is not None)
    if not known:
        return []
    starts = sorted({known[len(known) * part // wanted] for part in range(wanted)})
    ends = [max(value for value in known if value < nxt) for _low, nxt in pairwise(starts)]
    return list(zip(starts, [*ends, known[-1]], strict=True))
