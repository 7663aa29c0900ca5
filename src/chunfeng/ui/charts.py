"""Figures as data: what the components `chart` and `map` draw, and the same numbers for the table beside them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Literal

from django.utils.translation import gettext as _

Kind = Literal["bar", "rows", "line", "pie", "scatter", "sankey"]
Value = int | float | None


@dataclass(frozen=True)
class Heading:
    """A column of the table beside a figure."""

    label: str
    number: bool


@dataclass(frozen=True)
class Cell:
    """A cell of that table as text."""

    text: str
    number: bool


@dataclass(frozen=True)
class TableRow:
    """One row of that table, and where its first cell leads."""

    cells: tuple[Cell, ...]
    url: str = ""


def _headings(columns: Iterable[Any], words: int) -> list[Heading]:
    return [Heading(str(label), place >= words) for place, label in enumerate(columns)]


def _row(values: Iterable[Any], words: int, url: str) -> TableRow:
    return TableRow(tuple(Cell(shown(value), place >= words) for place, value in enumerate(values)), url)


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
    def _words(self) -> int:
        return 2 if self.kind == "sankey" else 1

    @property
    def headings(self) -> list[Heading]:
        return _headings(self.columns, self._words)

    @property
    def table(self) -> list[TableRow]:
        urls = self.urls or ("",) * len(self.rows)
        return [_row(row, self._words, url) for row, url in zip(self.rows, urls, strict=True)]

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
    def headings(self) -> list[Heading]:
        return _headings((_("地区"), _titled(self.measure, self.unit)), 1)

    @property
    def table(self) -> list[TableRow]:
        return [_row((region.name, region.value), 1, region.url) for region in self.regions]

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


def _titled(name: str, unit: str) -> str:
    return _("%(name)s（%(unit)s）") % {"name": name, "unit": unit} if unit else name


def shown(value: Any) -> str:
    """A cell as text: numbers with separators, unknown as a word."""
    if value is None:
        return _("未知")
    if isinstance(value, int | float) and not isinstance(value, bool):
        return f"{value:,}"
    return str(value)


def classes(values: Iterable[Value], wanted: int = 5) -> list[tuple[float, float]]:
    """At most `wanted` classes with about as many values each; every value lies in exactly one."""
    known = sorted(value for value in values if value is not None)
    if not known:
        return []
    starts = sorted({known[len(known) * part // wanted] for part in range(wanted)})
    ends = [max(value for value in known if value < nxt) for _low, nxt in pairwise(starts)]
    return list(zip(starts, [*ends, known[-1]], strict=True))
