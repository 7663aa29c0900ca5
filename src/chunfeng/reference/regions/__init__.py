"""The regions of Fujian down to the village, of China down to the county, and what they used to be called.

Codes have 2, 4, 6, 9 or 12 digits (province, city, county, town, village). Source: 统计用区划代码 of the
Statistics Bureau, as of 2023-06-30; `SOURCES.toml` lists each file and its builder. Tables load on first use.
"""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

import polars as pl

from chunfeng.reference import codes
from chunfeng.reference.data_files import rows

LEVELS = {2: "province", 4: "city", 6: "county", 9: "town", 12: "village"}
"""Length of a code → level."""

_LENGTHS = (2, 4, 6, 9, 12)
_PLACEHOLDERS = {"市辖区", "县", "省直辖县级行政区划", "自治区直辖县级行政区划"}
_VILLAGE_KIND = re.compile(
    r"(?:社区居民委员会|村民委员会|村居民委员会|居民委员会|社区居委会|社区委员会|村委员会|管委会社区"
    r"|社区居民会|村委会|居委会|委员会|村委|村会|社区|虚拟生活区|生活区|虚拟社区)$"
)
_AUTONOMOUS = re.compile(r"(?:自治区|自治州|自治县|自治旗)$")


class Region(NamedTuple):
    """One region; `urban_rural` is the 城乡划分代码, None where the source has none.

    `is_functional`: zone or farm listed among the towns. `no_data_entry`: not administered (金门, 马祖).
    `unique_name`: a town whose name no other town in China bears.
    """

    code: str
    name: str
    level: str
    parent: str | None
    urban_rural: str | None = None
    is_functional: bool = False
    no_data_entry: bool = False
    unique_name: bool = False


class FormerCounty(NamedTuple):
    """An abolished county code: ended in `year`, its land taken over by `to` (a city where it was divided).

    `split_off`: other counties of today that belonged to it at some time.
    """

    code: str
    name: str
    to: str
    year: int
    split_off: tuple[str, ...]


@cache
def _fujian() -> dict[str, Region]:
    return {
        row["code"]: Region(
            row["code"],
            row["name"],
            row["level"],
            row["parent"] or None,
            row["urban_rural"] or None,
            row["is_functional"] == "1",
            row["no_data_entry"] == "1",
            row["unique_name"] == "1",
        )
        for row in rows("regions/fujian.csv.gz")
    }


@cache
def _china() -> dict[str, Region]:
    return {
        row["code"]: Region(row["code"], row["name"], row["level"], row["parent"] or None)
        for row in rows("regions/china.csv.gz")
    }


def fujian() -> tuple[Region, ...]:
    """Every region of Fujian, province to village, in the order of the code within each level."""
    return tuple(_fujian().values())


def china() -> tuple[Region, ...]:
    """Every province, city and county of China, with the Bureau's placeholder cities (市辖区 …)."""
    return tuple(_china().values())


def get(code: str) -> Region | None:
    """The region with this code (Fujian to the village, elsewhere to the county); None when there is none."""
    return _fujian().get(code) or _china().get(code)


@cache
def _children() -> dict[str, tuple[Region, ...]]:
    below: dict[str, list[Region]] = {}
    for region in (*_china().values(), *(r for r in _fujian().values() if len(r.code) > 6)):
        if region.parent:
            below.setdefault(region.parent, []).append(region)
    return {code: tuple(regions) for code, regions in below.items()}


def children(code: str) -> tuple[Region, ...]:
    """The regions one level down, by code; empty for a village, an unknown code, a county outside Fujian."""
    return _children().get(code, ())


def ancestors(code: str) -> tuple[str, ...]:
    """The codes above and including this one, province first: 350825100 → 35, 3508, 350825, 350825100."""
    return tuple(code[:length] for length in _LENGTHS if length <= len(code))


def county_of(code: str) -> str | None:
    """The six-digit county a code lies in; None for a city, a province, an unknown code."""
    return code[:6] if len(code) >= 6 and get(code) is not None else None


def is_placeholder(region: Region) -> bool:
    """Whether the region only stands in for a missing level (市辖区 of Beijing, 省直辖县级行政区划)."""
    return region.level == "city" and region.name in _PLACEHOLDERS


@cache
def former_counties() -> tuple[FormerCounty, ...]:
    """Fujian's county codes abolished since 1984; they stay valid inside citizen ids."""
    return tuple(
        FormerCounty(
            row["from"],
            row["name"],
            row["to"],
            int(row["year"]),
            tuple(filter(None, row["split_off"].split(";"))),
        )
        for row in rows("regions/county_aliases.csv")
    )


@cache
def _successors() -> dict[str, str]:
    return {former.code: former.to for former in former_counties()}


def current_code(old: str) -> str | None:
    """Today's code of a code that may be abolished; itself when still valid, None when never known.

    350427 → 350405. A county divided among several gives the city above (350321 莆田县 → 3503). An old code
    inside a citizen id names the place of issue as then bounded.
    """
    return old if get(old) is not None else _successors().get(old)


@cache
def other_names() -> tuple[tuple[str, str, str], ...]:
    """(name, code, kind) of names outside the official list; kind is abbreviation, common or former."""
    return tuple((row["name"], row["code"], row["kind"]) for row in rows("regions/names.csv"))


@cache
def _peoples() -> tuple[str, ...]:
    names = [entry.name for entry in codes.table("ethnicity") if entry.name.endswith("族")]
    return tuple(sorted({"各族", *names, *(n[:-1] for n in names if len(n) > 2)}, key=len, reverse=True))


def short_name(region: Region) -> str:
    """The name without the word for its kind: 连城县 → 连城, 西门村委会 → 西门, 延边朝鲜族自治州 → 延边.

    A rest of one character keeps the word (沙县), and so do villages whose name is one character and a kind.
    """
    name = region.name
    if region.level == "village":
        return _VILLAGE_KIND.sub("", name) or name
    if region.level == "town":
        return re.sub(r"(?<=..)(?:街道办事处|街道|镇|乡)$", "", name)
    if _AUTONOMOUS.search(name):
        rest = _AUTONOMOUS.sub("", name)
        for _ in range(6):
            people = next((p for p in _peoples() if rest.endswith(p) and len(rest) - len(p) >= 2), None)
            if people is None:
                break
            rest = rest[: -len(people)]
        return rest.removesuffix("族") if len(rest) > 2 else rest
    return re.sub(r"(?<=..)(?:特别行政区|地区|林区|新区|矿区|省|市|盟|县|区|旗)$", "", name)


@cache
def _by_name() -> dict[str, tuple[Region, ...]]:
    found: dict[str, list[Region]] = {}
    for region in {**_china(), **_fujian()}.values():
        if not is_placeholder(region):
            for name in {region.name, short_name(region)}:
                found.setdefault(name, []).append(region)
    return {name: tuple(regions) for name, regions in found.items()}


def by_name(name: str, within: str | None = None) -> tuple[Region, ...]:
    """All regions with this official or short name, highest level first; below `within` when given."""
    regions = _by_name().get(name, ())
    if within is not None:
        regions = tuple(r for r in regions if r.code.startswith(within) and r.code != within)
    return tuple(sorted(regions, key=lambda r: (len(r.code), r.code)))


@cache
def _reporting() -> dict[str, tuple[str, ...]]:
    return {row["code"]: tuple(row["path"].split("/")) for row in rows("regions/reporting_units.csv")}


def reporting_path(code: str) -> tuple[str, ...] | None:
    """The units a unit reports through, province first, itself last; 平潭 (350128) reports to the province.

    Towns and villages report to their county. None without data entry (金门, 马祖) and for an unknown code.
    """
    if (region := get(code)) is None or region.no_data_entry:
        return None
    if len(code) <= 6:
        return _reporting().get(code)
    county = _reporting().get(code[:6])
    return None if county is None else (*county, *ancestors(code)[3:])


@cache
def frame() -> pl.DataFrame:
    """Fujian as a table.

    String: code, name, level, parent, urban_rural; Boolean: is_functional, no_data_entry.
    """
    columns = Region._fields[:7]
    return pl.DataFrame(
        {name: [getattr(region, name) for region in fujian()] for name in columns},
        schema={name: pl.Boolean if "_" in name and name != "urban_rural" else pl.String for name in columns},
    )
